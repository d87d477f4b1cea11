// A proxy on the same machine that the server was not told of made everybody a client of this machine.
import { describe, expect, it } from 'vitest';
import { startServer } from '../server.ts';

describe('Measurements', () => {
  it('are not told to strangers by a proxy on this machine that nobody named, and still to the machine', async () => {
    await using server = await startServer();
    const status = async (headers: Readonly<Record<string, string>>) =>
      (await server.fetch('/metrics', { headers, redirect: 'manual' })).status;
    expect(await status({ 'x-forwarded-for': '8.8.8.8' })).not.toBe(200);
    expect(await status({ 'x-forwarded-for': '8.8.8.8, 127.0.0.1' })).not.toBe(200);
    expect(await status({ 'x-real-ip': '8.8.8.8' })).not.toBe(200);
    expect(await status({ forwarded: 'for=8.8.8.8' })).not.toBe(200);
    expect(await status({})).toBe(200);
    expect(await status({ 'x-forwarded-for': '127.0.0.1' })).toBe(200);
  });
});
