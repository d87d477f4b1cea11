import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { createGitClient, type GitClient } from '../../test/git-client.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../test/git-server.ts';
import { newPublicKey } from '../../test/public-key.ts';
import type { Actor } from '../access/actor.ts';
import type { Account } from '../accounts/accounts.ts';
import { operator } from '../context.ts';
import { addKey, makerOf } from '../keys/keys.ts';
import { findRepositoryById } from '../repositories/repositories.ts';
import { serveChannel, sessionVersion } from './channel.ts';
import { serviceNamed } from './protocol.ts';

let server: GitServer;
let client: GitClient;
let mona: Account;
let repository: TestRepository;
let keyId: number;
let door: Server;
let words = '';

/** Stands in for SSH between its client and its channel: one line says what is asked for, the rest are bytes. */
const bridge = `
const s = require('net').connect({ port: Number(process.env.PORT), allowHalfOpen: true });
s.write((process.env.GIT_PROTOCOL ?? '') + ' ' + process.argv.at(-1).split(' ')[0] + '\\n');
process.stdin.pipe(s);
s.pipe(process.stdout);
// As ssh does when its channel is closed.
s.on('end', () => process.stdout.write('', () => process.exit()));
`;

beforeAll(async () => {
  server = await startGitServer();
  client = await createGitClient();
  mona = await server.person('mona');
  repository = await server.repository(mona, 'project', { visibility: 'private' });
  const key = { title: 'own', key: newPublicKey(), maker: makerOf({ kind: 'anonymous' }) };
  keyId = valueIn(await addKey(server.ctx, mona, key)).id;
  await writeFile(client.path('bridge.cjs'), bridge);
  door = createServer({ allowHalfOpen: true }, async (socket) => {
    socket.on('error', () => socket.destroy());
    const actor: Actor = {
      kind: 'user',
      account: { id: mona.id, login: 'mona', siteAdmin: false },
      grant: { kind: 'key', keyId, mayChangeWorkflows: true },
    };
    const target = await findRepositoryById(server.ctx, actor, repository.id);
    let line = '';
    while (!line.endsWith('\n')) {
      const byte = socket.read(1) as Buffer | null;
      if (byte === null) await wait(1);
      else line += byte.toString('latin1');
    }
    const [protocol = '', name] = line.trimEnd().split(' ');
    const service = serviceNamed(name);
    if (target === null || service === null) throw new Error(`no service for ${line}`);
    const stderr = new PassThrough();
    stderr.on('data', (piece: Buffer) => {
      words += piece.toString('utf8');
    });
    await serveChannel(server.git, Object.assign(socket, { stderr }), {
      actor,
      by: { ...operator, address: '127.0.0.1' },
      target,
      service,
      version: sessionVersion(protocol),
    });
    socket.resume().end();
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  door.close();
  await server.close();
  await client.close();
});

const env = () => ({
  GIT_SSH_COMMAND: `${process.execPath} ${client.path('bridge.cjs')}`,
  GIT_SSH_VARIANT: 'ssh',
  PORT: String((door.address() as AddressInfo).port),
});
const url = 'ssh://git@host/mona/project.git';

describe.each([0, 1, 2])('a session by version %i of the protocol', (version) => {
  it('fetches and pushes as over HTTPS', async () => {
    const by = ['-c', `protocol.version=${version}`];
    const name = `work-${version}`;
    await client.git([...by, 'clone', '-q', url, name], { env: env() });
    await writeFile(client.path(name, `file-${version}`), `${version}\n`);
    await client.git(['add', '.'], { in: name });
    await client.git(['commit', '-qm', `By ${version}`], { in: name });
    await client.git([...by, 'push', '-q', 'origin', 'HEAD:main'], { in: name, env: env() });
    const head = await client.git(['rev-parse', 'HEAD'], { in: name });
    expect(await client.git([...by, 'ls-remote', url, 'main'], { env: env() })).toBe(
      `${head}\trefs/heads/main`,
    );
    await client.git([...by, 'clone', '-q', url, `${name}-copy`], { env: env() });
    expect(await readFile(client.path(`${name}-copy`, `file-${version}`), 'utf8')).toBe(`${version}\n`);
    // The push was recorded before its session ended.
    const target = await findRepositoryById(server.ctx, { kind: 'anonymous' }, repository.id);
    expect(target?.repository.pushedAt).not.toBeNull();
    expect(server.running()).toBe(0);
    expect(server.operations.at(-1)).toMatchObject({
      service: 'upload-pack',
      part: 'session',
      outcome: 'done',
    });
  });
});

describe('a session', () => {
  it('that is ended by the server says why', async () => {
    words = '';
    await client.git(['init', '-q', 'late']);
    await client.git(['commit', '-q', '--allow-empty', '-m', 'x'], { in: 'late' });
    await server.git.close();
    const { status } = await client.try(['push', url, 'HEAD:late'], { in: 'late', env: env() });
    expect(status).not.toBe(0);
    expect(words).toBe('ERROR: The server is restarting. Try again in a few seconds.\n');
  });
});
