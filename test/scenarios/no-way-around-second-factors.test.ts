// Every way in, walked by somebody who knows the password of a person with a second factor and has nothing else; and
// beside it, the person, who gets in.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addApp } from '../../src/accounts/second-factors.ts';
import { createSession } from '../../src/accounts/sessions.ts';
import { newApp } from '../../src/accounts/totp.ts';
import { authenticityToken, signIn } from '../account-pages.ts';
import { valueIn } from '../context.ts';
import { type Answer, type FormBrowser, formBrowser } from '../form-browser.ts';
import { startServer, type TestServer } from './server.ts';

const password = 'tr0mbone-under-glass';
const admin = { login: 'ada', password: 'bass-clef-and-tide' };
const TWO_FACTOR = '/login/two-factor';

let server: TestServer;
/** Each signs mona in once. */
let recoveryCodes: string[];
beforeAll(async () => {
  server = await startServer();
  const mona = await server.person('mona', { password });
  await server.person(admin.login, { siteAdmin: true, password: admin.password });
  await server.person('hubot', { password });
  const { ctx } = server;
  const { sessionId } = await createSession(ctx, mona.id, { address: '127.0.0.1', userAgent: '' });
  const owner = { accountId: mona.id, sessionId };
  const made = await newApp(ctx, owner, 'mona');
  const code = totp(made.secret.expose(), Date.now());
  const added = valueIn(await addApp(ctx, owner, { made, code, address: '127.0.0.1' }));
  recoveryCodes = (added.recoveryCodes ?? []).map((one) => one.expose());
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** RFC 6238, written a second time. */
function totp(secret: string, at: number): string {
  const bits = [...secret].map((one) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'),
  );
  const bytes = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', bytes).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const browser = () => formBrowser(server.url);
const signedInAs = async (one: FormBrowser): Promise<string | null> =>
  /username is <strong>([\w-]+)/.exec((await one.get('/settings/profile')).text)?.[1] ?? null;
const hasSession = (one: FormBrowser): boolean => one.cookies.has('latchkey_session');

/** The answer leads to the question for a second factor, and the browser is signed in nowhere. */
async function expectAsked(one: FormBrowser, answer: Answer): Promise<Answer> {
  expect([answer.status, answer.headers.location]).toEqual([303, TWO_FACTOR]);
  expect(await signedInAs(one)).toBeNull();
  expect(hasSession(one)).toBe(false);
  const page = await one.get(TWO_FACTOR);
  expect(page.heading).toBe('Two-factor authentication');
  return page;
}

/** The person goes on, with a code that nobody else has. */
async function recover(one: FormBrowser): Promise<Answer> {
  const code = recoveryCodes.pop() ?? '';
  return one.submit(await one.get('/login/recovery'), '/login/recovery', { recovery_code: code });
}

async function signedIn(): Promise<FormBrowser> {
  const one = browser();
  await expectAsked(one, await signIn(one, 'mona', password));
  expect((await recover(one)).status).toBe(303);
  expect(await signedInAs(one)).toBe('mona');
  return one;
}

describe('Signed-in sessions of people with a second factor never skip it by another way in:', () => {
  it('not by name or e-mail address and password; the person signs in with a second factor', async () => {
    for (const login of ['mona', 'MONA', 'mona@example.com']) {
      const one = browser();
      await expectAsked(one, await signIn(one, login, password));
    }
    await signedIn();
    const neighbour = browser();
    expect((await signIn(neighbour, 'hubot', password)).headers.location).toBe('/');
    expect(await signedInAs(neighbour)).toBe('hubot');
  });

  it('not by what half a sign-in gives', async () => {
    const one = browser();
    const page = await expectAsked(one, await signIn(one, 'mona', password));
    const half = one.cookies.get('latchkey_half_sign_in') ?? '';
    const asSession = browser();
    asSession.cookies.set('latchkey_session', half);
    expect(await signedInAs(asSession)).toBeNull();
    for (const fields of [
      { app_code: '' },
      { app_code: '000000' },
      { response: '{}' },
      { recovery_code: 'x' },
    ]) {
      expect((await one.submit(page, TWO_FACTOR, fields as Record<string, string>)).status).toBe(422);
    }
    for (const path of ['/settings/security', '/settings/tokens/new', '/login/confirm', '/new']) {
      expect((await one.get(path)).headers.location).toMatch(/^\/login\?return_to=/);
    }
    for (const path of [
      '/settings/tokens',
      '/settings/security/recovery-codes',
      '/login/confirm',
      '/password',
    ]) {
      const answer = await one.post(path, { authenticity_token: authenticityToken(page), password });
      expect([401, 410]).toContain(answer.status);
    }
    for (const token of [half, password]) {
      expect((await server.fetch('/api/v3/user', { token })).status).toBe(401);
      const basic = `Basic ${Buffer.from(`mona:${token}`).toString('base64')}`;
      expect((await server.fetch('/api/v3/user', { headers: { authorization: basic } })).status).toBe(401);
    }
    expect(hasSession(one)).toBe(false);
  });

  it('not by a new password, chosen through a link of the command line or of an admin', async () => {
    const byCommand = async () =>
      (await server.cli(['user', 'reset-password', 'mona'])).stdout.trim().slice(server.url.length);
    const ada = browser();
    await signIn(ada, admin.login, admin.password);
    const byAdmin = async () => {
      const people = await ada.get('/settings/people');
      const id = (
        await server.ctx.db.selectFrom('accounts').select('id').where('login', '=', 'mona').execute()
      )[0]?.id;
      const made = await ada.submit(people, `/settings/people/${id}/password-link`);
      return (/<code id="one-time-link">([^<]+)</.exec(made.text)?.[1] ?? '').slice(server.url.length);
    };
    for (const link of [byCommand, byAdmin]) {
      const one = browser();
      const choose = await one.visit(await link());
      expect(choose.heading).toBe('Choose a password');
      await expectAsked(one, await one.submit(choose, '/password', { password }));
      expect((await recover(one)).status).toBe(303);
      expect(await signedInAs(one)).toBe('mona');
    }
  });

  it('not in place of the session of somebody else, which goes on until the second factor is shown', async () => {
    const one = browser();
    await signIn(one, 'hubot', password);
    const answer = await signIn(one, 'mona', password);
    expect(answer.headers.location).toBe(TWO_FACTOR);
    expect(await signedInAs(one)).toBe('hubot');
    expect((await recover(one)).status).toBe(303);
    expect(await signedInAs(one)).toBe('mona');
  });

  it('not by confirming access with the password, nor by changing it', async () => {
    const mona = await signedIn();
    await server.ctx.db.updateTable('sessions').set({ sudo_at: 0 }).execute();
    const asked = await mona.get('/settings/security');
    expect(asked.heading).toBe('Confirm access');
    const token = authenticityToken(asked);
    const confirmed = await mona.post('/login/confirm', {
      authenticity_token: token,
      password,
      to: '/settings/security',
    });
    expect(confirmed.status).toBe(422);
    const change = { authenticity_token: token, current_password: password, password: 'an-other-trombone' };
    expect((await mona.post('/settings/security', change)).heading).toBe('Confirm access');
    expect((await mona.post('/settings/security/app/remove', { authenticity_token: token })).heading).toBe(
      'Confirm access',
    );
    // Whoever signs in once more with the second factor has proved it.
    const again = await signedIn();
    expect((await again.get('/settings/security')).heading).toBe('Password and authentication');
  });

  it('not by a way that suspension closed, and lets the person in again after it', async () => {
    const one = browser();
    const page = await expectAsked(one, await signIn(one, 'mona', password));
    await server.cli(['user', 'suspend', 'mona']);
    expect((await one.submit(page, TWO_FACTOR, { app_code: '123456' })).headers.location).toBe('/login');
    expect((await one.get('/login/recovery')).headers.location).toBe('/login');
    expect((await signIn(browser(), 'mona', password)).status).toBe(403);
    await server.cli(['user', 'unsuspend', 'mona']);
    await signedIn();
  });

  it('only the operator, or an admin who has proved who they are, takes it away', async () => {
    const mona = await signedIn();
    const { stderr, status } = await server.cli(['user', 'reset-second-factor', 'mona']);
    expect([status, stderr]).toEqual([0, expect.stringContaining('mona has no second factor any more')]);
    expect(await signedInAs(mona)).toBeNull();
    const after = browser();
    expect((await signIn(after, 'mona', password)).headers.location).toBe('/');
    expect(await signedInAs(after)).toBe('mona');
    expect((await server.cli(['user', 'reset-second-factor', 'nobody'])).status).toBe(1);
    const { rows } = {
      rows: await server.ctx.db.selectFrom('audit_events').select(['action', 'data']).execute(),
    };
    const disabled = rows.find((row) => row.action === 'two_factor_authentication.disabled');
    expect(disabled?.data).toContain('command line');
  });
});
