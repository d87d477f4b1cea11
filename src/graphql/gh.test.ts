// What gh sends for the commands that make sense here, in the words of versions 2.23 and 2.60: none of it may be refused.
// That the program itself works is shown in test/clients/.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';

let api: TestApi;
let token: string;
beforeAll(async () => {
  api = await startApi();
  token = await api.token(await api.person('mona'), ['repo', 'read:org', 'gist']);
  await api.call('POST', '/user/repos', { token, body: { name: 'full', auto_init: true, private: true } });
});
afterAll(() => api.close());

const repo = { owner: 'mona', name: 'full', repo: 'full' };
/** All that `gh repo view --json` can ask for, but for issues, pull requests, projects and what hangs on them. */
const viewed =
  'id,name,nameWithOwner,owner{id,login},parent{id,name,owner{id,login}},templateRepository{id,name,owner{id,login}},' +
  'description,homepageUrl,openGraphImageUrl,usesCustomOpenGraphImage,url,sshUrl,mirrorUrl,securityPolicyUrl,createdAt,' +
  'pushedAt,updatedAt,archivedAt,isBlankIssuesEnabled,isSecurityPolicyEnabled,hasIssuesEnabled,hasProjectsEnabled,' +
  'hasWikiEnabled,hasDiscussionsEnabled,mergeCommitAllowed,squashMergeAllowed,rebaseMergeAllowed,forkCount,' +
  'stargazerCount,watchers{totalCount},codeOfConduct{key,name,url},contactLinks{about,name,url},defaultBranchRef{name},' +
  'deleteBranchOnMerge,diskUsage,fundingLinks{platform,url},isArchived,isEmpty,isFork,isInOrganization,isMirror,' +
  'isPrivate,isTemplate,isUserConfigurationRepository,licenseInfo{key,name,nickname},viewerCanAdminister,' +
  'viewerDefaultCommitEmail,viewerDefaultMergeMethod,viewerHasStarred,viewerPermission,viewerPossibleCommitEmails,' +
  'viewerSubscription,visibility,repositoryTopics(first:100){nodes{topic{name}}},primaryLanguage{name},' +
  'languages(first:100){edges{size,node{name}}},issueTemplates{name,title,body,about},' +
  'pullRequestTemplates{body,filename},latestRelease{publishedAt,tagName,name,url}';

const sent: readonly (readonly [command: string, query: string, variables?: object])[] = [
  ['auth status', 'query UserCurrent{viewer{login}}'],
  ['repo create, asking where', 'query UserCurrent{viewer{login,organizations(first: 100){nodes{login}}}}'],
  ['repo create --template', 'query UserCurrent{viewer{id}}'],
  [
    'repo clone',
    'fragment repo on Repository { id name owner { login } hasIssuesEnabled description hasWikiEnabled viewerPermission defaultBranchRef { name } } query RepositoryInfo($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { ...repo parent { ...repo } mergeCommitAllowed rebaseMergeAllowed squashMergeAllowed } }',
    repo,
  ],
  [
    'repo view',
    `query RepositoryInfo($owner: String!, $name: String!) { repository(owner: $owner, name: $name) {${viewed}} }`,
    repo,
  ],
  [
    'repo list',
    `query RepositoryList($perPage:Int!,$endCursor:String,$privacy:RepositoryPrivacy,$fork:Boolean) { repositoryOwner: viewer { login repositories(first: $perPage, after: $endCursor, privacy: $privacy, isFork: $fork, ownerAffiliations: OWNER, orderBy: { field: PUSHED_AT, direction: DESC }) { nodes{${viewed}} totalCount pageInfo{hasNextPage,endCursor} } } }`,
    { perPage: 100 },
  ],
  [
    'repo list --no-archived',
    `query RepositoryListSearch($query:String!,$perPage:Int!,$endCursor:String) { search(type: REPOSITORY, query: $query, first: $perPage, after: $endCursor) { repositoryCount nodes{...on Repository{${viewed}}} pageInfo{hasNextPage,endCursor} } }`,
    { query: 'sort:updated-desc archived:false fork:true user:@me', perPage: 30 },
  ],
  [
    'repo create, asking for templates',
    'query RepositoryList($perPage:Int!,$endCursor:String,$owner:String!) { repositoryOwner(login: $owner) { login repositories(first: $perPage, after: $endCursor, ownerAffiliations: OWNER, orderBy: { field: PUSHED_AT, direction: DESC }) { nodes{ id name isTemplate defaultBranchRef { name } } totalCount pageInfo{hasNextPage,endCursor} } } }',
    { perPage: 100, owner: 'mona' },
  ],
  [
    'browse -c',
    'query LastCommit($owner:String!$repo:String!){repository(owner: $owner, name: $repo){defaultBranchRef{target{... on Commit{oid}}}}}',
    repo,
  ],
  [
    'repo sync',
    'query RepositoryFindParent($name:String!$owner:String!){repository(owner: $owner, name: $name){parent{name,owner{login}}}}',
    { owner: 'mona', name: 'full' },
  ],
  [
    'repo edit',
    'query Repository_fields{Repository: __type(name: "Repository"){fields(includeDeprecated: true){name}}}',
  ],
  [
    'pr create',
    'query PullRequest_fields{PullRequest: __type(name: "PullRequest"){fields(includeDeprecated: true){name}},StatusCheckRollupContextConnection: __type(name: "StatusCheckRollupContextConnection"){fields(includeDeprecated: true){name}}}',
  ],
  [
    'org list',
    'query OrganizationList($user: String!, $limit: Int!, $endCursor: String) { user(login: $user) { login organizations(first: $limit, after: $endCursor) { totalCount nodes { login } pageInfo { hasNextPage endCursor } } } }',
    { user: 'mona', limit: 30 },
  ],
  [
    'with several remotes',
    'fragment repo on Repository { id name owner { login } viewerPermission defaultBranchRef { name } isPrivate } query RepositoryNetwork { viewer { login } repo_000: repository(owner: "mona", name: "full") { ...repo parent { ...repo } } }',
  ],
  [
    'secret set --repos',
    'query MapRepositoryNames { repo_000: repository(owner: "mona", name: "full") { databaseId } }',
  ],
];

describe('gh', () => {
  it.each(sent.map(([command, query, asked = {}]) => ({ command, query, asked })))(
    '$command',
    async ({ query, asked }) => {
      const declared = [...query.matchAll(/\$(\w+):/g)].map(([, name]) => name);
      const variables = Object.fromEntries(Object.entries(asked).filter(([name]) => declared.includes(name)));
      const answer = await api.graphql(query, { token, variables });
      expect(answer.statusCode).toBe(200);
      const { data, errors } = answer.json();
      expect(errors).toBeUndefined();
      expect(data).not.toBeNull();
    },
  );
});
