import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext, valueIn, wrongFields } from '../../test/context.ts';
import { Secret } from '../secrets/secret.ts';
import { createToken, listTokens } from '../tokens/tokens.ts';
import {
  createUser,
  deleteAccount,
  findAccount,
  findAccountByLogin,
  listAccounts,
  suspendAccount,
  unsuspendAccount,
  updateProfile,
} from './accounts.ts';
import { createSession, createSessionStore } from './sessions.ts';

let ctx: TestContext;
beforeEach(async () => {
  ctx = await testContext();
});
afterEach(() => ctx.db.destroy());

const add = (login: string, siteAdmin = false) =>
  createUser(ctx, { login, email: `${login}@example.com`, siteAdmin, password: null });
const origin = { address: '192.0.2.1', userAgent: 'Firefox' };

describe('an account', () => {
  it('is found by its name in any letters, and shows the name as it was chosen', async () => {
    const { id } = valueIn(await add('Octo-Cat'));
    expect(await findAccountByLogin(ctx, 'oCTO-cat')).toMatchObject({
      id,
      login: 'Octo-Cat',
      siteAdmin: false,
    });
    expect(await findAccount(ctx, id)).toMatchObject({ login: 'Octo-Cat', createdAt: ctx.now() });
    expect(await findAccountByLogin(ctx, 'octocat')).toBeNull();
    expect(await findAccountByLogin(ctx, "octo-cat' OR 1=1 --")).toBeNull();
  });

  it('cannot have a name or an address that somebody has, in whatever letters', async () => {
    valueIn(await add('octocat'));
    const twin = { login: 'OctoCat', email: 'OCTOCAT@example.com', siteAdmin: false, password: null };
    expect(wrongFields(await createUser(ctx, twin))).toEqual(['login', 'email']);
    expect(wrongFields(await createUser(ctx, { ...twin, login: 'other' }))).toEqual(['email']);
    expect(wrongFields(await createUser(ctx, { ...twin, email: 'other@example.com' }))).toEqual(['login']);
    expect(
      wrongFields(await createUser(ctx, { ...twin, login: 'other', email: 'other@example.com' })),
    ).toEqual([]);
  });

  it('is told all that is wrong with it at once', async () => {
    const bad = { login: 'settings', email: 'nowhere', siteAdmin: false, password: new Secret('password') };
    expect(wrongFields(await createUser(ctx, bad))).toEqual(['login', 'email', 'password']);
    expect((await listAccounts(ctx, { page: 1, perPage: 10 })).total).toBe(0);
  });

  it('is made once when two ask for the same name at the same time', async () => {
    const both = await Promise.all([add('octocat'), add('octocat')]);
    expect(both.filter((outcome) => outcome.ok)).toHaveLength(1);
  });

  it('changes its name and address, but not to another one’s address', async () => {
    valueIn(await add('hubot'));
    const { id } = valueIn(await add('octocat'));
    const changed = valueIn(await updateProfile(ctx, id, { name: ' Mona Lisa ', email: 'Mona@example.com' }));
    expect(changed).toMatchObject({ name: 'Mona Lisa', email: 'Mona@example.com' });
    expect(valueIn(await updateProfile(ctx, id, { name: '', email: 'mona@EXAMPLE.com' })).name).toBeNull();
    expect(wrongFields(await updateProfile(ctx, id, { name: '', email: 'Hubot@example.com' }))).toEqual([
      'email',
    ]);
    expect(wrongFields(await updateProfile(ctx, id, { name: 'a\u202eb', email: 'm@example.com' }))).toEqual([
      'name',
    ]);
    expect(wrongFields(await updateProfile(ctx, id, { name: 'x'.repeat(256), email: '' }))).toEqual([
      'name',
      'email',
    ]);
  });

  it('stands in the list in pages, by age', async () => {
    for (const login of ['c', 'a', 'b']) valueIn(await add(login));
    const second = await listAccounts(ctx, { page: 2, perPage: 2 });
    expect(second.items.map((account) => account.login)).toEqual(['b']);
    expect(second.total).toBe(3);
  });
});

describe('suspending', () => {
  it('ends the sessions at once and keeps what the account has for its return', async () => {
    const { id } = valueIn(await add('octocat'));
    const neighbour = valueIn(await add('hubot'));
    const sessions = createSessionStore(ctx);
    const [mine, theirs] = [
      await createSession(ctx, id, origin),
      await createSession(ctx, neighbour.id, origin),
    ];
    valueIn(await suspendAccount(ctx, id));
    expect(await sessions.verify(mine.secret)).toBeNull();
    expect(await sessions.verify(theirs.secret)).toMatchObject({ account: { login: 'hubot' } });
    expect(valueIn(await unsuspendAccount(ctx, id)).suspendedAt).toBeNull();
    expect(await sessions.verify(mine.secret)).toBeNull();
  });

  it('never takes the last site admin, nor does deleting', async () => {
    const one = valueIn(await add('one', true));
    const two = valueIn(await add('two', true));
    valueIn(await suspendAccount(ctx, two.id));
    expect(wrongFields(await suspendAccount(ctx, one.id))).toEqual(['login']);
    expect(wrongFields(await deleteAccount(ctx, one.id))).toEqual(['login']);
    valueIn(await unsuspendAccount(ctx, two.id));
    valueIn(await deleteAccount(ctx, one.id));
    expect(wrongFields(await deleteAccount(ctx, two.id))).toEqual(['login']);
  });
});

describe('deleting', () => {
  it('takes sessions and tokens with it', async () => {
    const { id } = valueIn(await add('octocat'));
    const session = await createSession(ctx, id, origin);
    valueIn(await createToken(ctx, { accountId: id, note: 'laptop', scopes: [], expiresAt: null }));
    valueIn(await deleteAccount(ctx, id));
    expect(await findAccount(ctx, id)).toBeNull();
    expect(await createSessionStore(ctx).verify(session.secret)).toBeNull();
    expect(await listTokens(ctx, id)).toEqual([]);
    expect(wrongFields(await deleteAccount(ctx, id))).toEqual(['login']);
  });

  it('is refused as long as the account owns a repository', async () => {
    const { id } = valueIn(await add('octocat'));
    const repository = { id: 1, owner_id: id, name: 'a', name_key: 'a', visibility: 'private' } as const;
    const rest = { default_branch: 'main', created_at: 0, updated_at: 0 };
    await ctx.db
      .insertInto('repositories')
      .values({ ...repository, ...rest })
      .execute();
    const refusal = await deleteAccount(ctx, id);
    expect(refusal).toMatchObject({
      ok: false,
      problems: [{ message: expect.stringMatching(/owns repositories/) }],
    });
    expect(await findAccount(ctx, id)).not.toBeNull();
    await ctx.db.deleteFrom('repositories').execute();
    valueIn(await deleteAccount(ctx, id));
  });
});
