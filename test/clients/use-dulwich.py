# What a script of somebody with Dulwich does, git written in Python. Ends with a line of JSON: what it found.
import io
import json
import os

from dulwich import porcelain
from dulwich.client import HTTPUnauthorized

url = os.environ["URL"]
who = {"username": "mona", "password": os.environ["TOKEN"]}
quiet = {"outstream": io.BytesIO(), "errstream": io.BytesIO()}
found = {}

work = porcelain.init("work")
with open("work/README.md", "w") as file:
    file.write("# Dulwich\n")
porcelain.add(work, ["work/README.md"])
mona = b"Mona <mona@example.com>"
made = porcelain.commit(work, b"First", author=mona, committer=mona)
branch = porcelain.active_branch(work)
porcelain.push(work, url, branch, **quiet, **who)
found["made"] = made.decode()

copy = porcelain.clone(url, "copy", errstream=io.BytesIO(), **who)
found["cloned"] = copy.head().decode()
with open("work/README.md", "a") as file:
    file.write("More\n")
porcelain.add(work, ["work/README.md"])
porcelain.commit(work, b"Second", author=mona, committer=mona)
porcelain.push(work, url, branch, **quiet, **who)
porcelain.pull(copy, url, branch, **quiet, **who)
with open("copy/README.md") as file:
    found["text"] = file.read()
try:
    porcelain.ls_remote(url, username="mona", password="ghp_" + 36 * "0")
except HTTPUnauthorized:
    found["refused"] = True
print(json.dumps(found))
