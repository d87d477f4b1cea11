// Who heeds what the server is ready to take, and who does not (RFC 4254 section 5.2).
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type GitServer, startGitServer } from '../../test/git-server.ts';
import { testRunning } from '../../test/running.ts';
import { addKey, makerOf } from '../keys/keys.ts';
import { createKeysLastUsed } from '../keys/last-used.ts';
import { hostKeys } from './host-keys.ts';
import { listenForSsh, type SshListener, type SshServer } from './server.ts';

const MEGABYTE = 1024 * 1024;
const own = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });

let git: GitServer;
let directory: string;
let listener: SshListener;
let server: SshServer;

beforeAll(async () => {
  // With one turn for all, who waits for it is not read from.
  git = await startGitServer({ limits: { gitProcesses: 1 } });
  directory = await mkdtemp(join(tmpdir(), 'latchkey-window-'));
  const mona = await git.person('mona');
  await git.repository(mona, 'plans');
  valueIn(
    await addKey(git.ctx, mona, { title: 'own', key: own.public, maker: makerOf({ kind: 'anonymous' }) }),
  );
  listener = await listenForSsh({ host: '127.0.0.1', port: 0 });
  server = listener.serve(
    { ctx: git.ctx, operations: git.git, lastUsed: createKeysLastUsed(git.ctx) },
    { hostKeys: await hostKeys(directory), running: testRunning(git.ctx) },
  );
});
afterAll(async () => {
  await server?.stop(0);
  await git?.close();
  await rm(directory, { recursive: true });
});

interface Push {
  readonly client: Client;
  readonly channel: ClientChannel;
  readonly isOpen: () => boolean;
  readonly closed: Promise<void>;
}

/** A push that has begun, or waits for its turn. */
async function pushing(): Promise<Push> {
  const client = new ssh2.Client();
  const { promise: closed, resolve: close } = Promise.withResolvers<void>();
  let isOpen = true;
  client
    .on('error', () => undefined)
    .on('close', () => {
      isOpen = false;
      close();
    });
  client.connect({ host: '127.0.0.1', port: listener.port, username: 'git', privateKey: own.private });
  await once(client, 'ready');
  const channel = await new Promise<ClientChannel>((resolve, reject) =>
    client.exec("git-receive-pack '/mona/plans.git'", (error, opened) =>
      error === undefined ? resolve(opened) : reject(error),
    ),
  );
  channel.on('error', () => undefined);
  return { client, channel, isOpen: () => isOpen, closed };
}

/** Sends as if there were no window. The library keeps clients from that, so it is gone around. */
function flood({ client, channel }: Push, bytes: number): void {
  const { _protocol: protocol } = client as unknown as {
    readonly _protocol: { channelData(id: number, piece: Buffer): void };
  };
  const { id } = (channel as unknown as { readonly outgoing: { readonly id: number } }).outgoing;
  const piece = Buffer.alloc(32 * 1024 - 7);
  for (let sent = 0; sent < bytes; sent += piece.length) protocol.channelData(id, piece);
}

describe('a client', () => {
  it('that sends more than its window is cut off, and one that waits for it is not', async () => {
    const first = await pushing();
    await once(first.channel, 'data');
    const [faithful, flooding] = [await pushing(), await pushing()];
    while (git.waiting() < 2) await wait(10);
    let isTaken = false;
    faithful.channel.write(Buffer.alloc(8 * MEGABYTE), () => {
      isTaken = true;
    });
    flood(flooding, 8 * MEGABYTE);
    await flooding.closed;
    expect([first.isOpen(), faithful.isOpen(), flooding.isOpen()]).toEqual([true, true, false]);
    // It waits for its window, with most of it unsent, until it is its turn.
    expect(isTaken).toBe(false);
    // Then it is answered: by git's words or, as what it sent is no push, by ours.
    const answered = Promise.race([once(faithful.channel, 'data'), once(faithful.channel.stderr, 'data')]);
    first.client.end();
    await answered;
    expect(faithful.isOpen()).toBe(true);
    faithful.client.end();
    await faithful.closed;
  });
});
