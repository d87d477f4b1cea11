// Clones and pushes that run while their credential dies, or loses what it may.
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { createGitClient, type GitClient } from '../../test/git-client.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../test/git-server.ts';
import { ask, basic } from '../../test/http.ts';
import { type Account, suspendAccount } from '../accounts/accounts.ts';
import { git } from '../process/git.ts';
import { updateRepository } from '../repositories/changing.ts';
import { removeCollaborator } from '../repositories/collaborators.ts';
import { deleteRepository } from '../repositories/repositories.ts';
import { Secret } from '../secrets/secret.ts';
import {
  deleteToken,
  listTokens,
  regenerateToken,
  revokeTokenBySecret,
  updateToken,
} from '../tokens/tokens.ts';
import { flushPkt, pktLine } from './pkt-line.ts';

/** More than all buffers on the way to a client hold. */
const LARGE = 24 * 1024 * 1024;
/** From what was done to the end, as the issue allows it, with room for a machine that is busy. */
const SOON_MS = 3_000;

let server: GitServer;
let client: GitClient;
let mona: Account;
let hubot: Account;
let names = 0;

beforeAll(async () => {
  server = await startGitServer();
  client = await createGitClient();
  mona = await server.person('mona');
  hubot = await server.person('hubot');
});

afterAll(async () => {
  await server.close();
  await client.close();
});

/** A private repository with something large in it, that hubot may write to. */
async function large(visibility: 'public' | 'private' = 'private') {
  const name = `large-${++names}`;
  const repository = await server.repository(mona, name, { visibility, roles: [[hubot, 'write']] });
  const run = async (args: readonly string[], input?: Buffer | string) =>
    (
      await git(args, {
        repository: repository.directory,
        ...(input === undefined ? {} : { input }),
        env: {
          GIT_AUTHOR_NAME: 'x',
          GIT_AUTHOR_EMAIL: 'x@example.com',
          GIT_COMMITTER_NAME: 'x',
          GIT_COMMITTER_EMAIL: 'x@example.com',
        },
      })
    ).stdout
      .toString()
      .trim();
  const blob = await run(['hash-object', '-w', '--stdin'], randomBytes(LARGE));
  const tree = await run(['mktree'], `100644 blob ${blob}\tlarge\n`);
  const head = await run(['commit-tree', '-m', 'x', tree]);
  await run(['update-ref', 'refs/heads/main', head]);
  return { ...repository, name, head };
}

type Large = TestRepository & { readonly name: string; readonly head: string };

interface Transfer {
  readonly socket: Socket;
  /** When the connection ended, by the machine's clock. */
  readonly ended: Promise<number>;
}

/** A request whose answer is taken for a moment, and then not any more. */
async function send(path: string, token: string | null, type: string, body: Buffer): Promise<Transfer> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => socket.destroy());
  const ended = new Promise<number>((resolve) => socket.once('close', () => resolve(Date.now())));
  socket.write(
    [
      `POST ${path} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      `Content-Type: application/x-${type}-request`,
      ...(token === null ? [] : [`Authorization: ${basic('x', token).authorization}`]),
      `Content-Length: ${body.length + (type === 'git-receive-pack' ? 1_000_000 : 0)}`,
      '',
      '',
    ].join('\r\n'),
  );
  socket.write(body);
  return { socket, ended };
}

/** A clone of which the beginning has come. */
async function cloning({ name, head }: Large, token: string | null): Promise<Transfer> {
  const body = Buffer.concat([
    pktLine(`want ${head} side-band-64k ofs-delta\n`),
    flushPkt,
    pktLine('done\n'),
  ]);
  const transfer = await send(`/mona/${name}.git/git-upload-pack`, token, 'git-upload-pack', body);
  await new Promise((resolve) => transfer.socket.once('data', resolve));
  // Slowly, as over a bad line: 64 KiB each tenth of a second.
  transfer.socket.pause();
  const timer = setInterval(() => transfer.socket.read(), 100);
  void transfer.ended.then(() => clearInterval(timer));
  return transfer;
}

/** A push of which the end is still to come. */
async function pushing({ name }: Large, token: string): Promise<Transfer> {
  const command = pktLine(`${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/new\0report-status side-band-64k`);
  const pack = Buffer.from('PACK\0\0\0\x02\0\0\x03\xe8', 'latin1');
  const before = server.running();
  const body = Buffer.concat([command, flushPkt, pack]);
  const transfer = await send(`/mona/${name}.git/git-receive-pack`, token, 'git-receive-pack', body);
  while (server.running() === before) await wait(10);
  transfer.socket.resume();
  return transfer;
}

async function status({ name }: Large, token: string | null): Promise<number> {
  const answer = await ask(`${server.url}/mona/${name}.git/info/refs?service=git-upload-pack`, {
    headers: token === null ? {} : basic('x', token),
  });
  return answer.status;
}

/** Has it not ended after another look at it? */
async function goesOn(transfer: Transfer): Promise<boolean> {
  const ended = await Promise.race([transfer.ended.then(() => true), wait(700).then(() => false)]);
  return !ended;
}

const tokenOf = async (owner: Account) => {
  const secret = await server.token(owner, ['repo', 'workflow']);
  const [token] = await listTokens(server.ctx, owner.id);
  if (token === undefined) throw new Error('there is no token');
  return { secret, id: token.id, note: token.note };
};

type Token = Awaited<ReturnType<typeof tokenOf>>;

const events: readonly (readonly [string, (token: Token, repository: Large) => Promise<unknown>, number])[] =
  [
    ['the token is deleted', ({ id }) => deleteToken(server.ctx, hubot.id, id), 401],
    [
      'the token is revoked by its text',
      ({ secret }) => revokeTokenBySecret(server.ctx, new Secret(secret)),
      401,
    ],
    [
      'the token is regenerated',
      ({ id }) => regenerateToken(server.ctx, hubot.id, id, { expiresAt: null }),
      401,
    ],
    [
      'the token loses its scope',
      ({ id, note }) => updateToken(server.ctx, hubot.id, id, { note, scopes: ['gist'] }),
      404,
    ],
    [
      'its owner is no longer a collaborator',
      (_token, { id }) => removeCollaborator(server.ctx, id, hubot.id),
      404,
    ],
    ['the repository is deleted', (_token, { id }) => deleteRepository(server.ctx, id), 404],
  ];

describe('a clone and a push end soon', () => {
  it.each(events)('when %s', async (_sentence, happen, after) => {
    const repository = await large();
    const token = await tokenOf(hubot);
    const other = await tokenOf(mona);
    const clone = await cloning(repository, token.secret);
    const push = await pushing(repository, token.secret);
    const neighbour = await cloning(repository, other.secret);
    expect(await goesOn(clone)).toBe(true);
    const at = Date.now();
    await happen(token, repository);
    expect((await clone.ended) - at).toBeLessThan(SOON_MS);
    expect((await push.ended) - at).toBeLessThan(SOON_MS);
    const isGone = (await status(repository, other.secret)) === 404;
    expect(await goesOn(neighbour)).toBe(!isGone);
    neighbour.socket.destroy();
    await neighbour.ended;
    while (server.running() > 0) await wait(10);
    expect(await status(repository, token.secret)).toBe(after);
    const outcomes = server.operations
      .filter(({ part }) => part === 'exchange')
      .slice(-3)
      .map(({ outcome }) => outcome);
    expect(
      outcomes.filter((outcome) => outcome === (after === 401 ? 'credential-lost' : 'access-lost')).length,
    ).toBe(isGone ? 3 : 2);
  });

  it('when the token expires, also if nothing is written then', async () => {
    const repository = await large();
    const expiring = await server.token(hubot, ['repo'], server.ctx.now() + 60_000);
    const clone = await cloning(repository, expiring);
    const push = await pushing(repository, expiring);
    expect(await goesOn(clone)).toBe(true);
    const at = Date.now();
    server.ctx.clock.forward(60_000);
    expect((await clone.ended) - at).toBeLessThan(SOON_MS);
    expect((await push.ended) - at).toBeLessThan(SOON_MS);
    expect(await status(repository, expiring)).toBe(401);
  });

  it('when their owner is suspended', async () => {
    const casper = await server.person('casper');
    const token = await server.token(casper);
    const publicOne = await large('public');
    const clone = await cloning(publicOne, token);
    valueIn(await suspendAccount(server.ctx, casper.id));
    await clone.ended;
    expect(await status(publicOne, token)).toBe(403);
    expect(await status(publicOne, null)).toBe(200);
  });

  it('for somebody unknown when the repository is made private', async () => {
    const repository = await large('public');
    const clone = await cloning(repository, null);
    valueIn(await updateRepository(server.ctx, repository.id, { visibility: 'private' }));
    await clone.ended;
    expect(await status(repository, null)).toBe(401);
  });
});

describe('what goes on', () => {
  it('is a clone whose token gets other scopes that suffice, or another name', async () => {
    const repository = await large();
    const token = await tokenOf(hubot);
    const clone = await cloning(repository, token.secret);
    valueIn(await updateToken(server.ctx, hubot.id, token.id, { note: 'other', scopes: ['repo'] }));
    expect(await goesOn(clone)).toBe(true);
    clone.socket.destroy();
    await clone.ended;
  });

  it('is not a push whose token may no longer change workflows, since it was not checked for them', async () => {
    const repository = await large();
    const token = await tokenOf(hubot);
    const push = await pushing(repository, token.secret);
    valueIn(await updateToken(server.ctx, hubot.id, token.id, { note: 'less', scopes: ['repo'] }));
    await push.ended;
    expect(server.operations.at(-1)?.outcome).toBe('access-lost');
  });
});
