// Each raw file of up to 100 MB that was asked for through the API was held in memory until its client had read it:
// a few hundred strangers who did not read took all memory.
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { commitTo } from '../../hostile.ts';
import { startServer } from '../server.ts';

const MIB = 1024 * 1024;

async function memoryOf(pid: number | undefined): Promise<number> {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

describe.runIf(process.platform === 'linux')('Large files', () => {
  it('that clients ask for and do not read are not held in memory, and who reads gets them whole', async () => {
    await using server = await startServer();
    await server.person('eve');
    const repository = await server.repository('eve', 'evil', 'public');
    await commitTo(repository.path, { files: { big: Buffer.alloc(64 * MIB, 'large ') } });
    const path = '/api/v3/repos/eve/evil/contents/big';
    const raw = { headers: { accept: 'application/vnd.github.raw' } };
    const before = await memoryOf(server.process.pid);

    const clients = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const socket = connect(server.port, '127.0.0.1');
        socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${raw.headers.accept}\r\n\r\n`);
        await new Promise((resolve) => socket.once('readable', resolve));
        return socket;
      }),
    );
    expect((await memoryOf(server.process.pid)) - before).toBeLessThan(200 * MIB);

    const whole = await server.fetch(path, raw);
    expect(whole.headers.get('content-length')).toBe(String(64 * MIB));
    expect((await whole.arrayBuffer()).byteLength).toBe(64 * MIB);
    for (const socket of clients) socket.destroy();
  });
});
