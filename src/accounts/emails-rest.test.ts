import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { operator } from '../context.ts';
import { writeSetting } from '../db/settings.ts';
import { Secret } from '../secrets/secret.ts';
import { type Account, createUser } from './accounts.ts';
import { makePrimary, verifyEmail } from './further-emails.ts';

let api: TestApi;
let ada: Account;
let full: string;
let reads: string;
let open: string;

beforeAll(async () => {
  api = await startApi();
  ada = await api.person('ada');
  await api.person('bob');
  full = await api.token(ada, ['user']);
  reads = await api.token(ada, ['user:email']);
  open = await api.token(ada, ['repo']);
});

afterAll(() => api.close());

const acting = () => ({ ...api.ctx, by: operator });
const emails = async (token: string) => (await api.get('/user/emails', token)).json();
const add = async (list: unknown, token: string | null = full) =>
  api.call('POST', '/user/emails', { token, body: { emails: list } });

describe('the addresses of a person', () => {
  it('are added, listed and removed by a token with user', async () => {
    const added = await add(['second@example.com', 'Third@Example.com']);
    expect(added.statusCode, added.body).toBe(201);
    expect(await emails(reads)).toEqual([
      { email: 'ada@example.com', primary: true, verified: true, visibility: 'private' },
      { email: 'second@example.com', primary: false, verified: false, visibility: null },
      { email: 'Third@Example.com', primary: false, verified: false, visibility: null },
    ]);
    const remove = async (list: string[]) =>
      (await api.call('DELETE', '/user/emails', { token: full, body: { emails: list } })).statusCode;
    expect(await remove(['third@example.com'])).toBe(204);
    expect(await remove(['ada@example.com'])).toBe(422);
    expect(await remove(['nobody@example.com'])).toBe(422);
    expect(await emails(full)).toHaveLength(2);
  });

  it('are one account’s each, on the whole instance', async () => {
    await add(['taken@example.com']);
    for (const email of ['TAKEN@example.com', 'bob@example.com', 'ada@example.com']) {
      const again = await add([email, 'other@example.com']);
      expect([again.statusCode, again.json().errors[0].code], email).toEqual([422, 'already_exists']);
    }
    const user = { login: 'carl', email: 'Taken@example.com', siteAdmin: false, password: null };
    expect(await createUser(acting(), user)).toMatchObject({ ok: false, problems: [{ field: 'email' }] });
    for (const bad of [
      ['no address'],
      [],
      'a@b.c',
      [''],
      Array.from({ length: 30 }, (_, at) => `a${at}@b.c`),
    ]) {
      expect((await add(bad)).statusCode, JSON.stringify(bad)).toBe(422);
    }
  });

  it('are for the person alone, and for tokens with the scope', async () => {
    for (const [token, status] of [
      [null, 401],
      [open, 404],
      [reads, 404],
    ] as const) {
      expect((await add(['x@example.com'], token)).statusCode).toBe(status);
      const body = { visibility: 'public' };
      expect((await api.call('PATCH', '/user/email/visibility', { token, body })).statusCode).toBe(status);
    }
    expect((await api.get('/user/emails')).statusCode).toBe(401);
    expect((await api.get('/user/emails', open)).statusCode).toBe(404);
    expect((await api.get('/user/public_emails', open)).statusCode).toBe(404);
  });

  it('are verified by what was mailed to them, and can become the primary one only then', async () => {
    await writeSetting(api.ctx.db, 'mail', 'on');
    await add(['new@example.com']);
    await writeSetting(api.ctx.db, 'mail', 'off');
    const mail = await api.ctx.db
      .selectFrom('outbox')
      .selectAll()
      .where('recipient', '=', 'new@example.com')
      .executeTakeFirstOrThrow();
    const code = new Secret(/code=([\w-]+)/.exec(mail.body)?.[1] ?? '');
    const bob = { ...ada, id: ada.id + 1 };
    expect(await makePrimary(acting(), ada, 'new@example.com')).toMatchObject({ ok: false });
    expect(await verifyEmail(acting(), bob, code)).toBeNull();
    expect(await verifyEmail(acting(), ada, new Secret('guess'))).toBeNull();
    expect(await verifyEmail(acting(), ada, code)).toBe('new@example.com');
    expect(await verifyEmail(acting(), ada, code)).toBeNull();
    expect(await makePrimary(acting(), ada, 'new@example.com')).toMatchObject({ ok: true });
    expect(await emails(full)).toMatchObject([
      { email: 'new@example.com', primary: true, verified: true },
      ...[{}, {}],
      { email: 'ada@example.com', primary: false, verified: true },
    ]);
  });

  it('are not offered as links on the pages where there is no mail server', async () => {
    await add(['unmailed@example.com']);
    const notices = await api.ctx.db.selectFrom('notices').select('path').execute();
    expect(notices.filter(({ path }) => path.includes('code='))).toEqual([]);
  });
});

describe('a profile', () => {
  it('is changed by a token with user, and seen by all', async () => {
    const body = {
      name: 'Ada L.',
      bio: 'Numbers',
      company: 'Engines',
      blog: 'https://ada.example',
      hireable: true,
    };
    const changed = await api.call('PATCH', '/user', { token: full, body });
    expect(changed.statusCode, changed.body).toBe(200);
    expect(changed.json()).toMatchObject({ ...body, location: null, total_private_repos: 0 });
    expect((await api.get('/users/ada')).json()).toMatchObject({ ...body, email: null });
    const shown = { visibility: 'public' };
    await api.call('PATCH', '/user/email/visibility', { token: full, body: shown });
    const { email } = (await api.get('/users/ada')).json();
    expect((await api.get('/user/public_emails', reads)).json()).toMatchObject([
      { email, visibility: 'public' },
    ]);
    await api.call('PATCH', '/user', { token: full, body: { email: '', bio: '' } });
    expect((await api.get('/users/ada')).json()).toMatchObject({
      email: null,
      bio: null,
      company: 'Engines',
    });
  });

  it('is not changed by others, or to what can not be shown', async () => {
    const patch = async (token: string | null, body: object) =>
      (await api.call('PATCH', '/user', { token, body })).statusCode;
    expect(await patch(null, {})).toBe(401);
    expect(await patch(reads, {})).toBe(404);
    for (const body of [
      { bio: 'x'.repeat(161) },
      { name: 'a\u202eb' },
      { company: 'a\0' },
      { email: 'bob@example.com' },
      { hireable: 'yes' },
      { twitter_username: 'a b' },
    ]) {
      expect(await patch(full, body), JSON.stringify(body)).toBe(422);
    }
  });
});
