import { getNamedType, isLeafType, isObjectType, isRequiredArgument } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import type { Account } from '../accounts/accounts.ts';
import { createOrganization, updateOrganization } from '../organizations/organizations.ts';
import { createAnswering } from './schema.ts';

let api: TestApi;
let mona: Account;
let ann: Account;
let token: string;
let narrow: string;
let wide: string;

beforeAll(async () => {
  api = await startApi();
  mona = await api.person('mona');
  ann = await api.person('ann');
  valueIn(await createOrganization(api.ctx, { login: 'octo', name: 'Octo', owner: mona }));
  token = await api.token(mona, ['repo', 'read:org', 'gist']);
  narrow = await api.token(mona, ['public_repo']);
  wide = await api.token(mona, ['repo', 'read:org', 'user']);
  const others = await api.token(ann, ['repo']);
  for (const name of ['one', 'two', 'three', 'four', 'five']) {
    api.ctx.clock.forward(1000);
    await api.call('POST', '/user/repos', { token, body: { name, private: name !== 'two' } });
  }
  await api.call('POST', '/user/repos', { token, body: { name: 'full', auto_init: true } });
  await api.call('POST', '/user/repos', { token: others, body: { name: 'hidden', private: true } });
  await api.call('POST', '/user/repos', { token: others, body: { name: 'shown' } });
});
afterAll(() => api.close());

async function ask(query: string, variables: object = {}, by: string | null = token) {
  const answer = await api.graphql(query, { token: by, variables });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

/** All that can be asked of a type without arguments, and holds nothing further. */
function plainFieldsOf(type: string): string {
  const named = createAnswering().schema.getType(type);
  if (!isObjectType(named)) throw new Error(`${type} is no type of objects`);
  return Object.values(named.getFields())
    .filter((field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument))
    .map(({ name }) => name)
    .join(' ');
}

describe('The schema', () => {
  it('has an answer for each of its fields that can’t be null, of owners, repositories and what is in them', async () => {
    const { data, errors } = await ask(
      `{ viewer { ${plainFieldsOf('User')} }
      organization(login: "octo") { ${plainFieldsOf('Organization')} }
      repository(owner: "mona", name: "full") { ${plainFieldsOf('Repository')}
        defaultBranchRef { ${plainFieldsOf('Ref')} target { ... on Commit { ${plainFieldsOf('Commit')}
          tree { ${plainFieldsOf('Tree')} entries { ${plainFieldsOf('TreeEntry')}
            object { ... on Blob { ${plainFieldsOf('Blob')} } } } } } } } } }`,
      {},
      wide,
    );
    expect(errors).toBeUndefined();
    expect(data.repository.defaultBranchRef.target.tree.entries).toHaveLength(1);
  });
});

describe('Asking', () => {
  it('takes a token, by the header alone', async () => {
    const query = '{ viewer { login } }';
    const nobody = await api.graphql(query);
    expect([nobody.statusCode, nobody.json().message]).toEqual([401, 'Requires authentication']);
    const inUrl = await api.request({
      method: 'POST',
      url: `/api/graphql?access_token=${token}`,
      payload: { query },
    });
    expect(inUrl.statusCode).toBe(401);
    const bad = await api.graphql(query, { token: `ghp_${'a'.repeat(36)}` });
    expect([bad.statusCode, bad.json().message]).toEqual([401, 'Bad credentials']);
    const good = await api.graphql(query, { token });
    expect(good.json()).toEqual({ data: { viewer: { login: 'mona' } } });
    expect(good.headers).toMatchObject({
      'x-oauth-scopes': 'gist, read:org, repo',
      'x-github-media-type': 'github.v4; format=json',
      'cache-control': 'no-cache',
    });
    expect(good.headers['x-github-request-id']).toBeTruthy();
  });

  it('is by POST, and with a query', async () => {
    const authorization = `bearer ${token}`;
    const get = await api.request({ url: '/api/graphql?query={viewer{login}}', headers: { authorization } });
    expect(get.statusCode).toBe(404);
    for (const payload of [{}, { query: 1 }, { query: '{viewer{login}}', variables: [] }]) {
      const answer = await api.request({
        method: 'POST',
        url: '/api/graphql',
        headers: { authorization },
        payload,
      });
      expect(answer.statusCode).toBe(400);
    }
  });

  it('tells what is not there, as GitHub tells it', async () => {
    expect(await ask('query X { repository(owner: "mona", name: "nope") { id } }')).toEqual({
      data: { repository: null },
      errors: [
        {
          type: 'NOT_FOUND',
          path: ['repository'],
          locations: [{ line: 1, column: 11 }],
          message: "Could not resolve to a Repository with the name 'mona/nope'.",
        },
      ],
    });
    const message = async (query: string) => (await ask(query)).errors[0].message;
    expect(await message('{ user(login: "octo") { id } }')).toBe(
      "Could not resolve to a User with the login of 'octo'.",
    );
    expect(await message('{ organization(login: "mona") { id } }')).toBe(
      "Could not resolve to an Organization with the login of 'mona'.",
    );
    expect(await message('{ node(id: "x") { id } }')).toBe(
      "Could not resolve to a node with the global id of 'x'.",
    );
    expect(await ask('{ repositoryOwner(login: "nobody") { id } }')).toEqual({
      data: { repositoryOwner: null },
    });
  });

  it('tells nothing of what is hidden from the caller, nor that it is there', async () => {
    const hidden = await ask('{ repository(owner: "ann", name: "hidden") { id } }');
    const missing = await ask('{ repository(owner: "ann", name: "absent") { id } }');
    expect(JSON.stringify(hidden).replaceAll('hidden', 'absent')).toBe(JSON.stringify(missing));
    expect((await ask('{ repository(owner: "ann", name: "shown") { name } }')).data.repository.name).toBe(
      'shown',
    );
    const own = '{ repository(owner: "mona", name: "one") { name } }';
    expect((await ask(own, {}, narrow)).errors[0].type).toBe('NOT_FOUND');
    expect((await ask(own)).data.repository.name).toBe('one');
  });

  it('tells which scope is missing where that gives nothing away', async () => {
    const query = '{ viewer { organizations(first: 9) { nodes { login } } } }';
    const { data, errors } = await ask(query, {}, narrow);
    expect(data).toBeNull();
    expect(errors[0]).toMatchObject({ type: 'INSUFFICIENT_SCOPES', path: ['viewer', 'organizations'] });
    expect(errors[0].message).toMatch(
      /^Your token has not been granted the required scopes to execute this query\. The 'organizations' field requires one of the following scopes: \['admin:org', 'read:org', 'repo', 'user', 'write:org'\], but your token has only been granted the: \['public_repo'\] scopes\. Please modify your token's scopes at: https:\/\/git\.example\.com\/settings\/tokens\/\d+\?scopes=read:org\.$/,
    );
    expect((await ask(query)).data.viewer.organizations.nodes).toEqual([{ login: 'octo' }]);
  });

  it('tells an address to others only where its owner shows it to everybody', async () => {
    const hers = await api.token(ann, ['user']);
    const email = async () => {
      const { data } = await ask('{ viewer { email } user(login: "ann") { email } }', {}, wide);
      return [data.viewer.email, data.user.email];
    };
    expect(await email()).toEqual(['mona@example.com', '']);
    const body = { visibility: 'public' };
    expect((await api.call('PATCH', '/user/email/visibility', { token: hers, body })).statusCode).toBe(200);
    expect(await email()).toEqual(['mona@example.com', 'ann@example.com']);
  });

  it('leaves organizations out of the list that let no personal access token in', async () => {
    const query = '{ viewer { organizations(first: 9) { nodes { login } totalCount } } }';
    const shut = valueIn(await createOrganization(api.ctx, { login: 'shut', name: null, owner: mona }));
    const listed = async () => (await ask(query)).data.viewer.organizations;
    expect(await listed()).toEqual({ nodes: [{ login: 'octo' }, { login: 'shut' }], totalCount: 2 });
    await updateOrganization(api.ctx, shut.id, { allowsClassicTokens: false });
    expect(await listed()).toEqual({ nodes: [{ login: 'octo' }], totalCount: 1 });
  });

  it('tells what the schema does not have, as GitHub tells it', async () => {
    const query =
      'query Q($n: Int!) {\n  repository(owner: "mona", name: "one") { issues(first: $n) { totalCount } }\n}';
    expect(await ask(query, { n: 1 })).toEqual({
      errors: [
        {
          path: ['query Q', 'repository', 'issues'],
          locations: [{ line: 2, column: 44 }],
          extensions: { code: 'undefinedField', typeName: 'Repository', fieldName: 'issues' },
          message: "Field 'issues' doesn't exist on type 'Repository'",
        },
      ],
    });
    const told = async (text: string) => {
      const [{ message, extensions }] = (await ask(text)).errors;
      return [extensions?.code, message];
    };
    expect(await told('{ viewer }')).toEqual([
      'selectionMismatch',
      "Field must have selections (field 'viewer' returns User but has no selections. Did you mean 'viewer { ... }'?)",
    ]);
    expect(await told('{ viewer { ... on Issue { id } } }')).toEqual([
      'undefinedType',
      "No such type Issue, so it can't be a fragment condition",
    ]);
    expect(await told('{ repository(owner: "x") { id } }')).toEqual([
      'missingRequiredArguments',
      "Field 'repository' is missing required arguments: name",
    ]);
    expect(await told('{ viewer(x: 1) { id } }')).toEqual([
      'argumentNotAccepted',
      "Field 'viewer' doesn't accept argument 'x'",
    ]);
  });

  it('finds by the ids that REST gives, and follows former names', async () => {
    const user = (await api.get('/user', token)).json();
    const repository = (await api.get('/repos/mona/full', token)).json();
    const [commit] = (await api.get('/repos/mona/full/commits', token)).json();
    const ids = [user.node_id, repository.node_id, commit.node_id];
    const { data } = await ask('query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids });
    expect(data.nodes).toEqual([
      { __typename: 'User', id: user.node_id },
      { __typename: 'Repository', id: repository.node_id },
      { __typename: 'Commit', id: commit.node_id },
    ]);
    await api.call('PATCH', '/repos/mona/four', { token, body: { name: 'fourth' } });
    const former = (follow: boolean) =>
      ask('query($f: Boolean) { repository(owner: "mona", name: "FOUR", followRenames: $f) { name } }', {
        f: follow,
      });
    expect((await former(true)).data.repository.name).toBe('fourth');
    expect((await former(false)).errors[0].type).toBe('NOT_FOUND');
    await api.call('PATCH', '/repos/mona/fourth', { token, body: { name: 'four' } });
  });
});

describe('A list', () => {
  const list = (args: string) =>
    ask(`{ viewer { repositories(${args}, orderBy: { field: NAME, direction: ASC }) {
      nodes { name } totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } } }`);
  const names = (answer: Awaited<ReturnType<typeof list>>) =>
    answer.data.viewer.repositories.nodes.map(({ name }: { name: string }) => name);
  const info = (answer: Awaited<ReturnType<typeof list>>) => answer.data.viewer.repositories.pageInfo;

  it('goes on where it stopped, in both directions, whatever was added meanwhile', async () => {
    const first = await list('first: 2');
    expect(names(first)).toEqual(['five', 'four']);
    expect(first.data.viewer.repositories.totalCount).toBe(6);
    expect(info(first)).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    await api.call('POST', '/user/repos', { token, body: { name: 'aardvark' } });
    const second = await list(`first: 2, after: "${info(first).endCursor}"`);
    expect(names(second)).toEqual(['full', 'one']);
    expect(info(second)).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const back = await list(`last: 1, before: "${info(second).startCursor}"`);
    expect(names(back)).toEqual(['four']);
    expect(info(back)).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const last = await list('last: 2');
    expect(names(last)).toEqual(['three', 'two']);
    expect(info(last)).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    await api.call('DELETE', '/repos/mona/aardvark', {
      token: await api.token(await owner(), ['delete_repo', 'repo']),
    });
  });

  const owner = async () => {
    const account = await api.ctx.db
      .selectFrom('accounts')
      .select('id')
      .where('login', '=', 'mona')
      .executeTakeFirstOrThrow();
    return { id: account.id } as Parameters<TestApi['token']>[0];
  };

  it('holds and counts what the token may see', async () => {
    const query = '{ viewer { repositories(first: 100) { nodes { name } totalCount } } }';
    const { repositories } = (await ask(query, {}, narrow)).data.viewer;
    expect(repositories.nodes.map(({ name }: { name: string }) => name)).toEqual(['two', 'full']);
    expect(repositories.totalCount).toBe(2);
    const found = await ask(
      '{ search(type: REPOSITORY, query: "hidden", first: 5) { repositoryCount nodes { __typename } } }',
    );
    expect(found.data.search).toEqual({ repositoryCount: 0, nodes: [] });
    const people = await ask(
      '{ search(type: USER, query: "oct", first: 5) { userCount nodes { ... on Organization { login } } } }',
    );
    expect(people.data.search).toEqual({ userCount: 1, nodes: [{ login: 'octo' }] });
  });

  it('says how much of it is wanted, and no more than a hundred', async () => {
    const fault = async (args: string) => {
      const { data, errors } = await ask(`{ viewer { repositories${args} { nodes { name } } } }`);
      return [data, errors[0].type, errors[0].path, errors[0].message];
    };
    const path = ['viewer', 'repositories'];
    expect(await fault('')).toEqual([
      undefined,
      'MISSING_PAGINATION_BOUNDARIES',
      path,
      'You must provide a `first` or `last` value to properly paginate the `repositories` connection.',
    ]);
    expect(await fault('(first: 101)')).toEqual([
      undefined,
      'EXCESSIVE_PAGINATION',
      path,
      'Requesting 101 records on the `repositories` connection exceeds the `first` limit of 100 records.',
    ]);
    expect((await fault('(first: 1, last: 1)'))[1]).toBe('INVALID_CURSOR_ARGUMENTS');
    expect((await fault('(first: -1)'))[1]).toBe('INVALID_CURSOR_ARGUMENTS');
    expect((await fault('(first: 1, after: "nonsense")')).slice(1)).toEqual([
      'INVALID_CURSOR_ARGUMENTS',
      [...path, 'nodes'],
      '`nonsense` does not appear to be a valid cursor.',
    ]);
    const counted = await ask('{ viewer { repositories { totalCount } } }');
    expect(counted.data.viewer.repositories.totalCount).toBe(6);
  });
});

describe('A change', () => {
  it('is made by the rules of REST, and logged with the token', async () => {
    const query = `mutation($input: CreateRepositoryInput!) { createRepository(input: $input) {
      clientMutationId repository { nameWithOwner visibility viewerPermission } } }`;
    const input = { name: 'made', visibility: 'PRIVATE', description: 'by GraphQL', clientMutationId: 'm1' };
    expect((await ask(query, { input })).data.createRepository).toEqual({
      clientMutationId: 'm1',
      repository: { nameWithOwner: 'mona/made', visibility: 'PRIVATE', viewerPermission: 'ADMIN' },
    });
    expect((await ask(query, { input })).errors[0]).toMatchObject({
      type: 'UNPROCESSABLE',
      message: 'Name already exists on this account',
    });
    expect((await ask(query, { input: { ...input, name: 'other' } }, narrow)).errors[0].type).toBe(
      'INSUFFICIENT_SCOPES',
    );
    const { id } = (await ask('{ repository(owner: "mona", name: "made") { id } }')).data.repository;
    const update =
      'mutation($input: UpdateRepositoryInput!) { updateRepository(input: $input) { repository { name description } } }';
    expect(
      (await ask(update, { input: { repositoryId: id, name: 'renamed' } })).data.updateRepository.repository,
    ).toEqual({
      name: 'renamed',
      description: 'by GraphQL',
    });
    const clone = `mutation { cloneTemplateRepository(input: { repositoryId: "${id}", name: "x", ownerId: "${id}", visibility: PUBLIC }) { repository { id } } }`;
    expect((await ask(clone)).errors[0].message).toContain('is not a template repository');
    const rows = await api.ctx.db
      .selectFrom('audit_events')
      .select('action')
      .where('action', 'like', 'repo.%')
      .orderBy('id', 'desc')
      .limit(2)
      .execute();
    expect(rows.map(({ action }) => action)).toEqual(['repo.rename', 'repo.create']);
  });
});
