// A README of 400 KB that stands for 200 MB ended the whole server: a thread's bound on memory is no wall.
import { describe, expect, it } from 'vitest';
import { commitTo } from '../../hostile.ts';
import { startServer } from '../server.ts';

describe('A README that stands for far more than it is long', () => {
  it('is shown as text, and the server goes on', async () => {
    await using server = await startServer();
    await server.person('eve');
    const evil = await server.repository('eve', 'evil', 'public');
    const good = await server.repository('eve', 'good', 'public');
    const address = `[a]: https://example.com/${'x'.repeat(2000)}\n\n`;
    await commitTo(evil.path, { files: { 'README.md': address + '[a] '.repeat(100_000) } });
    await commitTo(good.path, { files: { 'README.md': `${address}*well* and [a]` } });

    const page = await server.fetch('/eve/evil');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('too long to be rendered');
    expect(await (await server.fetch('/eve/good')).text()).toContain('<em>well</em>');
    expect(server.process.exitCode).toBeNull();
  });
});
