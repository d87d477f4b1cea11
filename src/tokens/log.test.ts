// What the security log keeps of tokens.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type TestContext, testContext, valueIn } from '../../test/context.ts';
import { createUser } from '../accounts/accounts.ts';
import type { Acting } from '../context.ts';
import {
  createToken,
  deleteAllTokens,
  deleteToken,
  regenerateToken,
  revokeTokenBySecret,
  revokeTokens,
  updateToken,
} from './tokens.ts';

let ctx: TestContext;
let mona: Acting;
let accountId: number;

beforeEach(async () => {
  ctx = await testContext();
  const user = { login: 'mona', email: 'mona@example.com', siteAdmin: false, password: null };
  const account = valueIn(await createUser(ctx, user));
  accountId = account.id;
  const credential = { kind: 'session', sessionId: 5 } as const;
  mona = { ...ctx, by: { account, credential, address: '192.0.2.1', userAgent: 'Test', requestId: 'r1' } };
});
afterEach(() => ctx.db.destroy());

const make = async (note: string) =>
  valueIn(await createToken(mona, { accountId, note, scopes: ['repo', 'gist'], expiresAt: null }));

/** The rows about tokens, the data read. */
async function logged() {
  const rows = await ctx.db
    .selectFrom('audit_events')
    .selectAll()
    .where('action', 'like', 'oauth_access.%')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ ...row, data: JSON.parse(row.data) as Record<string, unknown> }));
}

it('Making a token is logged with its scopes, note, hash and last eight characters, never with its text', async () => {
  const { token, secret } = await make('laptop');
  const rows = await logged();
  expect(rows).toMatchObject([
    {
      action: 'oauth_access.create',
      operation: 'create',
      actor_login: 'mona',
      user_login: 'mona',
      address: '192.0.2.1',
      user_agent: 'Test',
      request_id: 'r1',
      hashed_token: null,
      about_token_id: token.id,
      about_hashed_token: new Uint8Array(secret.hash()),
      data: {
        application_name: 'laptop',
        token_scopes: ['repo', 'gist'],
        token_last_eight: secret.expose().slice(-8),
      },
    },
  ]);
  expect(JSON.stringify(rows)).not.toContain(secret.expose());
});

it('A token whose note is taken leaves no row', async () => {
  await make('laptop');
  expect((await createToken(mona, { accountId, note: 'laptop', scopes: [], expiresAt: null })).ok).toBe(
    false,
  );
  expect(await logged()).toHaveLength(1);
});

it('Changing a token is logged with what it was and what it is', async () => {
  const { token } = await make('laptop');
  valueIn(await updateToken(mona, accountId, token.id, { note: 'desk', scopes: ['gist'] }));
  expect((await updateToken(mona, accountId, 99, { note: 'x', scopes: [] })).ok).toBe(false);
  expect((await logged()).slice(1)).toMatchObject([
    {
      action: 'oauth_access.update',
      data: {
        application_name: 'desk',
        application_name_was: 'laptop',
        token_scopes: ['gist'],
        token_scopes_was: ['repo', 'gist'],
      },
    },
  ]);
});

it('Regenerating a token is logged with the hash before and the hash after', async () => {
  const { token, secret } = await make('laptop');
  const again = valueIn(await regenerateToken(mona, accountId, token.id, { expiresAt: null }));
  const twice = { expiresAt: null, replaces: token.lastEight };
  expect((await regenerateToken(mona, accountId, token.id, twice)).ok).toBe(false);
  expect((await logged()).slice(1)).toMatchObject([
    {
      action: 'oauth_access.regenerate',
      about_hashed_token: new Uint8Array(again.secret.hash()),
      data: { former_hashed_token: Buffer.from(secret.hash()).toString('base64') },
    },
  ]);
});

it('Every way to delete a token is logged, with what it could do and why it went', async () => {
  const tokens = [];
  for (const note of ['a', 'b', 'c', 'd', 'e']) tokens.push(await make(note));
  const [a, b, c] = tokens;
  await deleteToken(mona, accountId, a?.token.id ?? 0);
  await revokeTokens(ctx, [b?.token.id ?? 0, 99]);
  if (c !== undefined) await revokeTokenBySecret(ctx, c.secret);
  await deleteAllTokens(mona, accountId);
  expect(await deleteToken(mona, accountId, a?.token.id ?? 0)).toBe(false);
  const rows = (await logged()).slice(5);
  expect(rows.map(({ data }) => [data.application_name, data.explanation, data.via])).toEqual([
    ['a', 'deleted by its owner', undefined],
    ['b', 'revoked by an administrator', 'command line'],
    ['c', 'revoked by who presented it', 'command line'],
    ['d', 'deleted by its owner, with all of theirs', undefined],
    ['e', 'deleted by its owner, with all of theirs', undefined],
  ]);
  expect(rows[0]).toMatchObject({
    action: 'oauth_access.destroy',
    operation: 'remove',
    user_login: 'mona',
    about_token_id: a?.token.id,
    data: { token_scopes: ['repo', 'gist'] },
  });
});

it('A token that expires is not logged as deleted', async () => {
  valueIn(await createToken(mona, { accountId, note: 'short', scopes: [], expiresAt: ctx.now() + 1000 }));
  ctx.clock.forward(5000);
  expect((await logged()).map(({ action }) => action)).toEqual(['oauth_access.create']);
});
