// A second command in one session of SSH ended the whole server: the library has no channel for it. Any key would do,
// one that may only read, and one of somebody who is suspended.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { createGitClient } from '../../git-client.ts';
import { hasProgram, newKeyFile } from '../../openssh.ts';
import { startServer } from '../server.ts';

describe.skipIf(!hasProgram('ssh-keygen', 'openssh-client'))('A second command in one session', () => {
  it('is refused, the first one is served, and so is everybody else', async () => {
    await using server = await startServer({ ssh: true });
    const client = await createGitClient();
    await server.person('eve');
    await server.repository('eve', 'plans', 'private');
    const key = await newKeyFile(client.path(), 'eve');
    const added = await server.fetch('/api/v3/user/keys', {
      method: 'POST',
      token: await server.token('eve', ['write:public_key']),
      body: JSON.stringify({ key: key.publicKey }),
    });
    expect(added.status).toBe(201);

    const connection = new ssh2.Client();
    connection.connect({
      host: '127.0.0.1',
      port: server.sshPort,
      username: 'git',
      privateKey: await readFile(key.path),
    });
    await once(connection, 'ready');
    const command = "git-upload-pack '/eve/plans.git'";
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
      connection.exec(command, (error, made) => (error ? reject(error) : resolve(made))),
    );
    // What no client does: its library has no way to say it.
    const { _protocol: wire } = connection as unknown as {
      readonly _protocol: {
        exec(channel: number, command: string, wantReply: boolean): void;
        shell(channel: number, wantReply: boolean): void;
      };
    };
    const { outgoing } = channel as unknown as { readonly outgoing: { readonly id: number } };
    wire.exec(outgoing.id, command, false);
    wire.shell(outgoing.id, false);
    const said: Buffer[] = [];
    channel.on('data', (piece: Buffer) => said.push(piece)).end('0000');
    const [status] = (await once(channel, 'exit')) as [number];
    expect([status, Buffer.concat(said).toString()]).toEqual([0, '0000']);
    connection.end();
    expect((await server.fetch('/healthz')).status).toBe(200);
    await client.close();
  });
});
