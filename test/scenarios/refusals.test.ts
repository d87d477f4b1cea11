// Every way in which the API says no, on the wire (ghes-spec 5.2; the row of its table stands in each name), each
// beside the neighbour that is allowed; with the headers of 5.3 and 5.4. Rows 12 (fine-grained tokens), 13
// (applications) and 18 (GraphQL) come with what they are about. Row 2 is told in bad-credentials.test.ts, rows 16
// and 17 in rate-limits.test.ts.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSettings } from '../../src/settings/settings.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  for (const login of ['mona', 'hubot']) await server.person(login);
  for (const [name, visibility] of [
    ['open', 'public'],
    ['closed', 'private'],
  ] as const) {
    await server.repository('mona', name, visibility);
  }
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

interface Said {
  readonly status: number;
  readonly message: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
  readonly scopes: string | null;
  readonly accepted: string | null;
}

/** Asks, and looks at what stands on every answer of the API, good or bad (ghes-spec 5.3). */
async function ask(path: string, token?: string, init: RequestInit = {}, at = server): Promise<Said> {
  const answer = await at.fetch(`/api/v3${path}`, { ...init, ...(token === undefined ? {} : { token }) });
  const { headers, status } = answer;
  expect(headers.get('x-github-request-id')).toMatch(/^[0-9A-F:]{20,}$/i);
  expect(headers.get('x-github-media-type')).toBe('github.v3; format=json');
  expect(headers.get('x-github-api-version-selected')).toBe('2022-11-28');
  expect(headers.get('x-github-enterprise-version')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(headers.get('access-control-allow-origin')).toBe('*');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('vary')).toContain('Authorization');
  // ghes-spec 5.2: the API sends no challenge.
  expect(headers.has('www-authenticate')).toBe(false);
  if (status >= 400) {
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  }
  const text = await answer.text();
  const body = text === '' || text.startsWith('[') ? {} : (JSON.parse(text) as Record<string, unknown>);
  if (status >= 400) expect(body.status).toBe(String(status));
  return {
    status,
    message: body.message as string | undefined,
    body,
    scopes: headers.get('x-oauth-scopes'),
    accepted: headers.get('x-accepted-oauth-scopes'),
  };
}

const refused = (status: number, message: string) => ({ status, message });
const patch = (description: string): RequestInit => ({
  method: 'PATCH',
  body: JSON.stringify({ description }),
});

describe('The API', () => {
  it('row 1: refuses a bad credential even for what is public, without headers of scopes', async () => {
    const no = { ...refused(401, 'Bad credentials'), scopes: null, accepted: null };
    const expired = await server.token('mona', ['repo'], Date.now() - 1000);
    for (const token of [`ghp_${'a'.repeat(36)}`, 'hunter2', expired]) {
      expect(await ask('/repos/mona/open', token)).toMatchObject(no);
      expect(await ask('/nothing/here', token)).toMatchObject(no);
    }
    expect((await ask('/repos/mona/open')).status).toBe(200);
    expect((await ask('/repos/mona/open', await server.token('mona'))).status).toBe(200);
  });

  it('row 3: tells the owner of a good token that the account is suspended, until it is not', async () => {
    await server.person('ghosty');
    const token = await server.token('ghosty', ['repo']);
    expect((await ask('/user', token)).status).toBe(200);
    await server.cli(['user', 'suspend', 'ghosty']);
    expect(await ask('/user', token)).toMatchObject(refused(403, 'Sorry. Your account was suspended.'));
    expect(await ask('/meta', token)).toMatchObject(refused(403, 'Sorry. Your account was suspended.'));
    await server.cli(['user', 'unsuspend', 'ghosty']);
    expect((await ask('/user', token)).status).toBe(200);
  });

  it('row 4: in private mode asks strangers who they are before anything but /meta', async () => {
    await using closed = await startServer({ args: ['--private-mode'] });
    await closed.person('mona');
    await closed.repository('mona', 'open', 'public');
    const no = refused(401, 'Must authenticate to access this API.');
    for (const path of ['/repos/mona/open', '/', '/zen', '/users/mona', '/user', '/no/such/thing']) {
      expect(await ask(path, undefined, {}, closed), path).toMatchObject(no);
    }
    expect((await ask('/meta', undefined, {}, closed)).status).toBe(200);
    expect((await ask('/repos/mona/open', await closed.token('mona'), {}, closed)).status).toBe(200);
  });

  it('row 5: asks strangers who they are where it is about oneself', async () => {
    expect(await ask('/user')).toMatchObject(refused(401, 'Requires authentication'));
    expect(await ask('/user/repos')).toMatchObject(refused(401, 'Requires authentication'));
    expect((await ask('/users/mona')).status).toBe(200);
    expect((await ask('/user', await server.token('mona'))).status).toBe(200);
  });

  it('row 6: never looks at a password, so none is asked for a second factor', async () => {
    await server.person('careful', { password: 'correct horse 7' });
    const authorization = `Basic ${Buffer.from('careful:correct horse 7').toString('base64')}`;
    const answer = await server.fetch('/api/v3/user', {
      headers: { authorization, 'x-github-otp': '123456' },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.has('x-github-otp')).toBe(false);
    expect(await answer.json()).toMatchObject({ message: 'Bad credentials' });
  });

  it('row 7: issues no token for a password or for another token', async () => {
    const token = await server.token('mona', ['repo']);
    // Ours, by ghes-spec 6.3 →LK: no token is issued there, by nothing.
    const gone = refused(
      410,
      `Passwords are for the web alone: make a token at ${server.url}/settings/tokens.`,
    );
    for (const path of ['/authorizations', '/authorizations/1', '/authorizations/clients/0123456789']) {
      expect(await ask(path), path).toMatchObject(gone);
      expect(await ask(path, token), path).toMatchObject(gone);
      const made = await ask(path, token, { method: 'POST', body: '{"note":"x","scopes":["repo"]}' });
      expect(made, path).toMatchObject(gone);
    }
    expect((await (await server.fetch('/api/v3/meta')).json()).verifiable_password_authentication).toBe(
      false,
    );
  });

  it('row 8: does not tell what is private from what is not there, to strangers either', async () => {
    const no = refused(404, 'Not Found');
    const theirs = await server.token('hubot', ['repo']);
    const narrow = await server.token('mona', ['public_repo', 'delete_repo', 'admin:repo_hook']);
    for (const token of [undefined, theirs, narrow]) {
      const closed = await ask('/repos/mona/closed', token);
      expect(closed).toMatchObject(no);
      const { body: missing } = await ask('/repos/mona/nothing', token);
      expect(closed.body).toEqual(missing);
      expect(closed.body).not.toHaveProperty('token_url');
      expect(await ask('/repos/mona/closed', token, { method: 'DELETE' })).toMatchObject(no);
    }
    expect((await ask('/repos/mona/closed', await server.token('mona', ['repo']))).status).toBe(200);
  });

  it('row 9: hides what a token lacks the scope for, and says in the headers which it is', async () => {
    const token = await server.token('mona', ['public_repo']);
    expect(await ask('/user/emails', token)).toMatchObject({
      ...refused(404, 'Not Found'),
      scopes: 'public_repo',
      accepted: 'user, user:email',
    });
    expect((await ask('/user/emails', await server.token('mona', ['user:email']))).status).toBe(200);
  });

  it('row 10: says which right is missing on what is seen', async () => {
    const admin = refused(403, 'Must have admin rights to Repository.');
    const push = refused(403, 'Must have push access to view repository collaborators.');
    const theirs = await server.token('hubot', ['repo']);
    const noScope = await server.token('mona');
    const repo = await server.token('mona', ['repo']);
    expect(await ask('/repos/mona/open', theirs, patch('theirs'))).toMatchObject(admin);
    expect(await ask('/repos/mona/open', noScope, patch('none'))).toMatchObject(admin);
    expect((await ask('/repos/mona/open', repo, patch('mine'))).status).toBe(200);
    expect(await ask('/repos/mona/open/collaborators', theirs)).toMatchObject(push);
    expect((await ask('/repos/mona/open/collaborators', repo)).status).toBe(200);
    await server.repository('mona', 'doomed', 'public');
    expect(await ask('/repos/mona/doomed', repo, { method: 'DELETE' })).toMatchObject({
      ...admin,
      scopes: 'repo',
      accepted: 'delete_repo',
    });
    const may = await server.token('mona', ['repo', 'delete_repo']);
    expect((await ask('/repos/mona/doomed', may, { method: 'DELETE' })).status).toBe(204);
  });

  it('names the scope that is missing, and the page on which that very token gets it', async () => {
    const token = await server.token('mona', ['repo:status']);
    const { id } = await server.ctx.db
      .selectFrom('tokens')
      .select('id')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    const { body } = await ask('/repos/mona/open', token, patch('no'));
    expect(body).toMatchObject({
      message: 'Must have admin rights to Repository.',
      needed_scopes: ['public_repo'],
      token_url: `${server.url}/settings/tokens/${id}?scopes=public_repo`,
    });
    expect(Object.keys(body)).toContain('documentation_url');
    // Where the role is missing, no scope helps.
    const theirs = await ask('/repos/mona/open', await server.token('hubot', ['gist']), patch('no'));
    expect(theirs.status).toBe(403);
    expect(theirs.body).not.toHaveProperty('token_url');
  });

  it('row 11: lists organisations for read:org or user only, and says so', async () => {
    const no = refused(403, 'You need at least read:org scope or user scope to list your organizations.');
    const answer = await ask('/user/orgs', await server.token('mona', ['gist']));
    expect(answer).toMatchObject({ ...no, accepted: 'admin:org, read:org, repo, user, write:org' });
    expect((await ask('/user/orgs', await server.token('mona', ['read:org']))).status).toBe(200);
  });

  it('row 14: tells that an organisation keeps classic tokens away, from what is its own only', async () => {
    const { ctx } = server;
    const at = Date.now();
    const { id } = await ctx.db
      .insertInto('accounts')
      .values({ kind: 'organization', login: 'octo', login_key: 'octo', created_at: at, updated_at: at })
      .returning('id')
      .executeTakeFirstOrThrow();
    await ctx.db
      .insertInto('organizations')
      .values({ account_id: id, description: null, allows_classic_tokens: 0 })
      .execute();
    const mona = await ctx.db
      .selectFrom('accounts')
      .select('id')
      .where('login_key', '=', 'mona')
      .executeTakeFirstOrThrow();
    await ctx.db
      .insertInto('organization_members')
      .values({ organization_id: id, account_id: mona.id, role: 'owner', created_at: at })
      .execute();
    for (const [name, visibility] of [
      ['shown', 'public'],
      ['kept', 'private'],
    ] as const) {
      await server.repository('mona', name, visibility);
      await ctx.db
        .updateTable('repositories')
        .set({ owner_id: id })
        .where('name_key', '=', name)
        .where('owner_id', '=', mona.id)
        .execute();
    }
    const token = await server.token('mona', ['repo']);
    const message =
      '`octo` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a ' +
      'personal access token with fine-grained permissions.';
    expect(await ask('/repos/octo/kept', token)).toMatchObject(refused(403, message));
    expect(await ask('/repos/octo/shown', token, patch('no'))).toMatchObject(refused(403, message));
    expect((await ask('/repos/octo/shown', token)).status).toBe(200);
    await ctx.db.updateTable('organizations').set({ allows_classic_tokens: 1 }).execute();
    expect((await ask('/repos/octo/kept', token)).status).toBe(200);
  });

  it('row 15: refuses a token that lives longer than the instance allows, and deletes none', async () => {
    const endless = await server.token('mona', ['repo']);
    const short = await server.token('mona', ['repo'], Date.now() + 6 * 24 * 60 * 60 * 1000);
    await changeSettings(server.ctx, { tokenMaxDays: 7 });
    const answer = await ask('/repos/mona/open', endless);
    expect(answer.status).toBe(403);
    expect(answer.message).toContain("if the token's lifetime is greater than 7 days");
    expect((await ask('/repos/mona/open', short)).status).toBe(200);
    await changeSettings(server.ctx, { tokenMaxDays: null });
    expect((await ask('/repos/mona/open', endless)).status).toBe(200);
  });

  it('tells scopes sorted and in normal form on good and bad answers, empty where there are none', async () => {
    const many = await server.token('mona', ['user', 'gist', 'admin:repo_hook', 'repo']);
    for (const path of ['/user', '/repos/mona/nothing', '/user/emails']) {
      expect((await ask(path, many)).scopes, path).toBe('admin:repo_hook, gist, repo, user');
    }
    const none = await ask('/user', await server.token('mona'));
    expect(none).toMatchObject({ status: 200, scopes: '', accepted: '' });
    expect(await ask('/repos/mona/open')).toMatchObject({ status: 200, scopes: null, accepted: null });
  });
});
