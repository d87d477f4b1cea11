// Long clones over a slow line, by HTTPS and by SSH, while their credential is regenerated, deleted, expires, or its
// owner is suspended, or their application is revoked: in the browser or by the command line, another process. They end within a second: from
// the change's row in the security log, written just before its commit, to the server's line that all is gone. That
// leaves out how long git takes to leave on the client's side, where tests compete for the machine.
import { type ChildProcess, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findApplicationByClientId } from '../../src/oauth/applications.ts';
import { authorize } from '../../src/oauth/authorizations.ts';
import { git } from '../../src/process/git.ts';
import { issueApplicationToken } from '../../src/tokens/application-tokens.ts';
import { deleteToken, listTokens } from '../../src/tokens/tokens.ts';
import { signIn } from '../account-pages.ts';
import { formBrowser } from '../form-browser.ts';
import { createGitClient, type GitClient } from '../git-client.ts';
import { gitOverSsh, hasProgram, newKeyFile, type SshKeyFile } from '../openssh.ts';
import { type SlowProxy, slowProxy } from '../slow-proxy.ts';
import { startServer, type TestServer } from './server.ts';

const LARGE = 32 * 1024 * 1024;
/** GitHub CLI, which every instance knows. */
const gh = '178c6fc778ccc68e1d6a';
const password = 'three blind mice, see how they run';
/** What may not be longer on the server. */
const SECOND_MS = 1_000;
/** For the client to have noticed, and to have removed what it had of the clone. */
const CLIENT_MS = 5_000;

let server: TestServer;
let client: GitClient;
let http: SlowProxy;
let overSsh: SlowProxy;
let clones = 0;
/** In milliseconds. */
const measured = { server: [] as number[], client: [] as number[] };

beforeAll(async () => {
  [server, client] = await Promise.all([startServer({ ssh: true }), createGitClient()]);
  // Half a minute for the whole.
  [http, overSsh] = await Promise.all([
    slowProxy(server.port, LARGE / 30),
    slowProxy(server.sshPort, LARGE / 30),
  ]);
  await server.person('mona', { password });
  const { path } = await server.repository('mona', 'large', 'private');
  const author = {
    GIT_AUTHOR_NAME: 'x',
    GIT_AUTHOR_EMAIL: 'x@example.com',
    GIT_COMMITTER_NAME: 'x',
    GIT_COMMITTER_EMAIL: 'x@example.com',
  };
  const run = async (args: readonly string[], input: Buffer | string = '') =>
    (await git(args, { repository: path, env: author, input })).stdout.toString().trim();
  const blob = await run(['hash-object', '-w', '--stdin'], randomBytes(LARGE));
  const tree = await run(['mktree'], `100644 blob ${blob}\tlarge\n`);
  await run(['update-ref', 'refs/heads/main', await run(['commit-tree', '-m', 'x', tree])]);
});

afterAll(async () => {
  const { server: onServer, client: onClient } = measured;
  process.stderr.write(`  lost credentials: ended on the server ${onServer.join(', ')} ms after\n`);
  process.stderr.write(`  lost credentials: clients ended ${onClient.join(', ')} ms after\n`);
  http?.close();
  overSsh?.close();
  await client?.close();
  await server?.[Symbol.asyncDispose]();
});

interface Clone {
  readonly process: ChildProcess;
  /** When it ended, by the clock of performance.now(). */
  readonly ended: Promise<{ readonly at: number; readonly status: number | null }>;
}

/** A clone of which a megabyte has come. */
async function cloning(url: string, env: Readonly<Record<string, string>>, line: SlowProxy): Promise<Clone> {
  const before = line.bytes;
  const child = client.start(['clone', '-q', url, `clone-${++clones}`], { env });
  child.stderr?.resume();
  const ended = once(child, 'close').then(([status]) => ({
    at: performance.now(),
    status: status as number | null,
  }));
  while (line.bytes - before < 1024 * 1024 && child.exitCode === null) await wait(20);
  expect(child.exitCode).toBeNull();
  return { process: child, ended };
}

const byToken = (token: string) =>
  cloning(`http://127.0.0.1:${http.port}/mona/large.git`, server.credential(token), http);
const byKey = (key: SshKeyFile) =>
  cloning(
    `ssh://git@127.0.0.1:${overSsh.port}/mona/large.git`,
    gitOverSsh({ port: overSsh.port, knownHosts: client.path('known_hosts') }, key),
    overSsh,
  );

/** git's processes of the server. */
function children(): readonly string[] {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(server.dataDirectory) && line.startsWith('git '));
}

/** When the newest row of this action was written, in milliseconds since 1970. */
async function changedAt(action: string): Promise<number> {
  const { at } = await server.ctx.db
    .selectFrom('audit_events')
    .select('at')
    .where('action', '=', action)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return at;
}

interface Withdrawn {
  readonly tokenId?: number;
  readonly keyId?: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the server's log tells of what ended by a credential: git itself, and the connection of a key. */
function endings({ tokenId, keyId }: Withdrawn): readonly number[] {
  const times = new Map<string, number>();
  for (const line of server.log().split('\n')) {
    if (!line.includes('was withdrawn"')) continue;
    const { time, msg, ...by } = JSON.parse(line) as Record<string, unknown>;
    if (tokenId === undefined ? by.keyId === keyId : by.tokenId === tokenId)
      times.set(String(msg), Date.parse(String(time)));
  }
  return [...times.values()];
}

async function endsSoon(clone: Clone, withdrawn: Withdrawn): Promise<void> {
  const since = performance.now() - (Date.now() - withdrawn.at);
  const { at, status } = await clone.ended;
  expect(status).not.toBe(0);
  expect(at - since).toBeLessThan(CLIENT_MS);
  measured.client.push(Math.round(at - since));
  const count = withdrawn.keyId === undefined ? 1 : 2;
  while (endings(withdrawn).length < count) await wait(20);
  const took = Math.max(...endings(withdrawn)) - withdrawn.at;
  measured.server.push(took);
  expect(took).toBeLessThan(SECOND_MS);
}

async function newToken() {
  const secret = await server.token('mona', ['repo', 'admin:public_key']);
  const { id: accountId } = await account();
  const [token] = await listTokens(server.ctx, accountId);
  if (token === undefined) throw new Error('there is no token');
  return { secret, ...token };
}

/** One that gh holds for mona. */
async function newTokenOfGh() {
  const { ctx } = server;
  const application = await findApplicationByClientId(ctx, gh);
  if (application === null) throw new Error('gh is not known');
  const { id } = await account();
  const scopes = ['repo', 'admin:public_key'] as const;
  const issued = await ctx.db.transaction().execute(async (db) => {
    await authorize(ctx, db, { id, login: 'mona' }, application, scopes);
    return issueApplicationToken(ctx, db, { accountId: id, application, scopes });
  });
  if (issued === null) throw new Error('there is no token');
  return { ...issued.token, secret: issued.secret.expose() };
}

const account = async () =>
  server.ctx.db.selectFrom('accounts').select('id').where('login', '=', 'mona').executeTakeFirstOrThrow();

const asks = async (token: string) => (await server.fetch('/api/v3/user', { token })).status;

async function command(...args: readonly string[]): Promise<void> {
  const { status, stderr } = await server.cli(args);
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
}

/** Does something to a token, and tells at which moment it was done. */
type Happen = (token: Awaited<ReturnType<typeof newToken>>) => Promise<number>;

describe('a long clone by a token', () => {
  it.each<readonly [string, Happen, number]>([
    [
      'regenerated in the browser',
      async ({ id, lastEight }) => {
        const browser = formBrowser(server.url);
        await signIn(browser, 'mona', password);
        const page = `/settings/tokens/${id}/regenerate`;
        const answer = await browser.submit(await browser.get(page), page, {
          expiration: '7d',
          replaces: lastEight,
        });
        expect(answer.status).toBe(200);
        return changedAt('oauth_access.regenerate');
      },
      401,
    ],
    [
      'deleted by the command line',
      async ({ id }) => {
        await command('token', 'revoke', String(id));
        return changedAt('oauth_access.destroy');
      },
      401,
    ],
    [
      'that expires',
      async ({ id }) => {
        // A life that was shortened while the clone ran; then its end comes without anything being written.
        const expiresAt = Date.now() + 1500;
        await server.ctx.db
          .updateTable('tokens')
          .set({ expires_at: expiresAt })
          .where('id', '=', id)
          .execute();
        return expiresAt;
      },
      401,
    ],
  ])('%s ends within a second, and another goes on', async (_sentence, happen, status) => {
    const token = await newToken();
    const other = await newToken();
    const clone = await byToken(token.secret);
    const neighbour = await byToken(other.secret);
    await endsSoon(clone, { tokenId: token.id, at: await happen(token) });
    expect(await asks(token.secret)).toBe(status);
    await wait(300);
    expect(neighbour.process.exitCode).toBeNull();
    await deleteToken(server.ctx, (await account()).id, other.id);
    await endsSoon(neighbour, { tokenId: other.id, at: await changedAt('oauth_access.destroy') });
    while (children().length > 0) await wait(20);
  });
});

describe.skipIf(!hasProgram('ssh', 'openssh-client'))('an application that is revoked in the browser', () => {
  it('loses its long clones within a second, by its token and by the key that it made, and others go on', async () => {
    const other = await newToken();
    const token = await newTokenOfGh();
    const key = await newKeyFile(client.path(), 'by-gh');
    const answer = await server.fetch('/api/v3/user/keys', {
      method: 'POST',
      token: token.secret,
      body: JSON.stringify({ key: key.publicKey }),
    });
    const { id: keyId } = (await answer.json()) as { readonly id: number };
    const clone = await byToken(token.secret);
    const overKey = await byKey(key);
    const neighbour = await byToken(other.secret);
    const browser = formBrowser(server.url);
    await signIn(browser, 'mona', password);
    const list = await browser.get('/settings/applications');
    await browser.submit(list, `/settings/connections/applications/${gh}/revoke`);
    const at = await changedAt('oauth_authorization.destroy');
    await Promise.all([endsSoon(clone, { tokenId: token.id, at }), endsSoon(overKey, { keyId, at })]);
    expect(await asks(token.secret)).toBe(401);
    await wait(300);
    expect(neighbour.process.exitCode).toBeNull();
    await deleteToken(server.ctx, (await account()).id, other.id);
    await endsSoon(neighbour, { tokenId: other.id, at: await changedAt('oauth_access.destroy') });
    while (children().length > 0) await wait(20);
  });
});

describe('an application that is switched off by the command line', () => {
  it('loses the long clone by its token within a second, and its token works again when it is on', async () => {
    const token = await newTokenOfGh();
    const clone = await byToken(token.secret);
    await command('app', 'disable', gh);
    await endsSoon(clone, { tokenId: token.id, at: await changedAt('oauth_application.disable') });
    expect(await asks(token.secret)).toBe(401);
    await command('app', 'enable', gh);
    expect(await asks(token.secret)).toBe(200);
    while (children().length > 0) await wait(20);
  });
});

describe.skipIf(!hasProgram('ssh', 'openssh-client'))('a long clone by a key', () => {
  it('deleted by the command line, or of somebody who is suspended, ends within a second', async () => {
    const token = await newToken();
    const ids: number[] = [];
    const keys: SshKeyFile[] = [];
    for (const name of ['deleted', 'kept']) {
      const key = await newKeyFile(client.path(), name);
      const answer = await server.fetch('/api/v3/user/keys', {
        method: 'POST',
        token: token.secret,
        body: JSON.stringify({ key: key.publicKey }),
      });
      ids.push(((await answer.json()) as { readonly id: number }).id);
      keys.push(key);
    }
    const [deleted, kept] = keys;
    if (deleted === undefined || kept === undefined) throw new Error('there are no keys');
    const clone = await byKey(deleted);
    const neighbour = await byKey(kept);
    const byHttp = await byToken(token.secret);
    await command('key', 'delete', String(ids[0]));
    await endsSoon(clone, { keyId: Number(ids[0]), at: await changedAt('public_key.delete') });
    await wait(300);
    expect([neighbour.process.exitCode, byHttp.process.exitCode]).toEqual([null, null]);
    await command('user', 'suspend', 'mona');
    const at = await changedAt('user.suspend');
    await endsSoon(neighbour, { keyId: Number(ids[1]), at });
    await endsSoon(byHttp, { tokenId: token.id, at });
    expect(await asks(token.secret)).toBe(403);
    while (children().length > 0) await wait(20);
  });
});
