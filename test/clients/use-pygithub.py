# What a script of somebody with PyGithub does. Debian's package, as it is; the server's address and the token come by
# the environment. Ends with a line of JSON: what it found.
import json
import os

from github import BadCredentialsException, Github, UnknownObjectException

url = os.environ["URL"]
github = Github(base_url=f"{url}/api/v3", login_or_token=os.environ["TOKEN"], per_page=2)
me = github.get_user()
found = {"login": me.login, "scopes": sorted(github.oauth_scopes)}

for name in ["py-one", "py-two", "py-three"]:
    me.create_repo(name, private=True)
found["names"] = sorted(repository.name for repository in me.get_repos())

repository = github.get_repo(f"{me.login}/py-one")
made = repository.create_file("README.md", "First", "# One\n", branch="main")
repository.update_file("README.md", "Second", "# Uno\n", made["content"].sha, branch="main")
found["text"] = repository.get_contents("README.md").decoded_content.decode()
found["messages"] = [commit.commit.message for commit in repository.get_commits()]
repository.create_git_ref("refs/heads/next", made["commit"].sha)
found["branches"] = sorted(branch.name for branch in repository.get_branches())
key = repository.create_key("robot", os.environ["KEY"], read_only=True)
found["keys"] = [one.title for one in repository.get_keys()]
key.delete()
repository.edit(description="Made by PyGithub")
found["description"] = github.get_repo(f"{me.login}/py-one").description
repository.delete()
try:
    github.get_repo(f"{me.login}/py-one")
except UnknownObjectException as error:
    found["missing"] = error.status
try:
    Github(base_url=f"{url}/api/v3", login_or_token="ghp_" + 36 * "0").get_user().login
except BadCredentialsException as error:
    found["refused"] = error.data["message"]
print(json.dumps(found))
