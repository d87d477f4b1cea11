// The server dies, as by `kill -9`, amid making and deleting tokens: what was acknowledged holds afterwards, and
// what was not is either there whole or not there at all.

import { describe, expect, it } from 'vitest';
import { FREE_ATTEMPTS } from '../../src/access/attempts.ts';
import { type FormBrowser, formBrowser } from '../form-browser.ts';
import { startServer, type TestServer } from './server.ts';

const password = 'a long enough passphrase';
const rounds = process.env.LATCHKEY_LONG === '1' ? 50 : 1;
/** How many dead tokens are asked for after each death, the newest: more than die at once. */
const DEAD_ASKED = FREE_ATTEMPTS;

/** Tokens as their owner knows them: only what a finished answer said. */
interface Known {
  readonly alive: Map<string, string>;
  readonly dead: Set<string>;
}

async function signedIn(server: TestServer): Promise<FormBrowser> {
  const browser = formBrowser(server.url);
  const page = await browser.get('/login');
  const answer = await browser.submit(page, '/login', { login: 'ada', password });
  expect(answer.status).toBe(303);
  return browser;
}

async function make(browser: FormBrowser, note: string): Promise<string> {
  const form = await browser.get('/settings/tokens/new');
  const page = await browser.submit(form, '/settings/tokens', { note, expiration: '30d', repo: 'repo' });
  const secret = /ghp_[0-9A-Za-z]{36}/.exec(page.text)?.[0];
  if (secret === undefined) throw new Error(`no token was shown: ${page.status} ${page.notices.join(' ')}`);
  return secret;
}

async function remove(browser: FormBrowser, note: string): Promise<void> {
  const list = await browser.get('/settings/tokens');
  const id = new RegExp(`href="/settings/tokens/(\\d+)"[^>]*>${note}<`).exec(list.text)?.[1];
  if (id === undefined) throw new Error(`${note} is not on the list`);
  const answer = await browser.submit(list, `/settings/tokens/${id}/delete`);
  expect(answer.status).toBe(303);
}

/** Starts again on what the dead server left, and holds it to what was acknowledged. */
async function judge(server: TestServer, known: Known): Promise<void> {
  await using again = await startServer({ directory: server.directory, listen: server.address });
  for (const [secret] of known.alive) {
    expect((await again.fetch('/api/v3/user', { token: secret })).status).toBe(200);
  }
  // Each of them was asked for when it died; more at once would be throttled as bad credentials are.
  for (const secret of [...known.dead].slice(-DEAD_ASKED)) {
    expect((await again.fetch('/api/v3/user', { token: secret })).status).toBe(401);
  }
  const browser = await signedIn(again);
  const list = await browser.get('/settings/tokens');
  for (const [, note] of known.alive) expect(list.text).toContain(`>${note}<`);
  await make(browser, `after ${Date.now()}`);
  await again.stop();
}

describe('A server that dies', () => {
  it.each(['token.create.asked', 'token.create.stored', 'token.delete.asked', 'token.delete.stored'])(
    'at %s keeps every token that was acknowledged, and no half of one',
    async (point) => {
      await using before = await startServer();
      await before.person('ada', { password });
      const known: Known = { alive: new Map(), dead: new Set() };
      const browser = await signedIn(before);
      known.alive.set(await make(browser, 'first'), 'first');
      const doomed = await make(browser, 'doomed');
      await before.stop();

      const env = { LATCHKEY_CRASH_AT: point };
      await using server = await startServer({ directory: before.directory, listen: before.address, env });
      const again = await signedIn(server);
      const act = point.startsWith('token.create') ? make(again, 'second') : remove(again, 'doomed');
      await expect(act).rejects.toThrow();
      expect(await server.ended).toBe('SIGKILL');
      expect(server.log()).toContain(`{"crashed_at":"${point}"}`);

      if (point === 'token.delete.stored') known.dead.add(doomed);
      if (point === 'token.delete.asked') known.alive.set(doomed, 'doomed');
      await judge(server, known);
    },
  );

  it(`at a random moment (${rounds} of them) keeps what was acknowledged`, async () => {
    await using first = await startServer();
    await first.person('ada', { password });
    await first.stop();
    const known: Known = { alive: new Map(), dead: new Set() };
    for (let round = 0; round < rounds; round++) {
      await using server = await startServer({ directory: first.directory, listen: first.address });
      const browser = await signedIn(server);
      const dieSoon = () => setTimeout(() => server.process.kill('SIGKILL'), 50 + Math.random() * 300);
      // The first is not to die before there is something to lose.
      let killer = round === 0 ? undefined : dieSoon();
      let count = 0;
      // Until the server is gone: making tokens, and deleting every third again.
      const work = async () => {
        for (;;) {
          const note = `r${round}n${count++}`;
          const secret = await make(browser, note);
          known.alive.set(secret, note);
          if (count % 3 !== 0) {
            killer ??= dieSoon();
            continue;
          }
          known.alive.delete(secret);
          await remove(browser, note);
          known.dead.add(secret);
        }
      };
      await expect(work()).rejects.toThrow();
      clearTimeout(killer);
      expect(await server.ended).toBe('SIGKILL');
      await judge(server, known);
    }
    // The run is worth something only if there was something to lose.
    expect(known.alive.size).toBeGreaterThan(0);
  });
});
