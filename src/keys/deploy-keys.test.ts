import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import { newPublicKey } from '../../test/public-key.ts';
import { type Account, deleteAccount } from '../accounts/accounts.ts';
import { operator } from '../context.ts';
import { createRepository, type Repository } from '../repositories/repositories.ts';
import { Secret } from '../secrets/secret.ts';
import {
  deleteAllTokens,
  deleteToken,
  listTokens,
  regenerateToken,
  revokeTokenBySecret,
  revokeTokens,
} from '../tokens/tokens.ts';
import { addDeployKey, listDeployKeys } from './deploy-keys.ts';
import { listKeys, makerOf } from './keys.ts';

let api: TestApi;
let mona: Account;
let repository: Repository;
beforeAll(async () => {
  api = await startApi();
  mona = await api.person('mona');
  const wanted = { owner: mona, name: 'plans', description: null, visibility: 'private' } as const;
  const ctx = { ...api.ctx, by: operator };
  repository = valueIn(await createRepository(ctx, wanted));
});
afterAll(() => api?.close());

const all = { page: 1, perPage: 100 };
const titles = async () =>
  (await listDeployKeys(api.ctx, repository.id, all)).items.map(({ title }) => title);

/** A token that made a deploy key called by its own last characters, and a key of its person. */
async function tokenWithKey(): Promise<{ text: string; id: number; title: string }> {
  const text = await api.token(mona, ['repo', 'write:public_key']);
  const title = `of ${text.slice(-8)}`;
  const post = (path: string) =>
    api.call('POST', path, { token: text, body: { title, key: newPublicKey() } });
  expect((await post('/repos/mona/plans/keys')).statusCode).toBe(201);
  expect((await post('/user/keys')).statusCode).toBe(201);
  const [token] = await listTokens(api.ctx, mona.id);
  return { text, id: token?.id ?? 0, title };
}

describe('deploy keys that a token made', () => {
  it('go with the token, however it is deleted, and nothing else does', async () => {
    const ctx = { ...api.ctx, by: operator };
    const made = valueIn(
      await addDeployKey(ctx, repository.id, {
        title: 'by hand',
        key: newPublicKey(),
        readOnly: true,
        maker: makerOf({ kind: 'anonymous' }),
      }),
    );
    expect(made.readOnly).toBe(true);
    const logged = await api.ctx.db
      .selectFrom('audit_events')
      .where('action', '=', 'public_key.create')
      .select(['actor_login', 'user_login', 'repository_name'])
      .execute();
    // Whoever added it: it stands in the log of who owns the repository.
    expect(logged).toEqual([{ actor_login: null, user_login: 'mona', repository_name: 'mona/plans' }]);
    const ways: ((token: Awaited<ReturnType<typeof tokenWithKey>>) => Promise<unknown>)[] = [
      ({ id }) => deleteToken(ctx, mona.id, id),
      () => deleteAllTokens(ctx, mona.id),
      ({ id }) => revokeTokens(ctx, [id]),
      ({ text }) => revokeTokenBySecret(ctx, new Secret(text)),
    ];
    for (const [at, way] of ways.entries()) {
      const token = await tokenWithKey();
      const other = at === 1 ? [] : [(await tokenWithKey()).title];
      expect(await titles()).toContain(token.title);
      await way(token);
      expect(await titles(), `way ${at}`).not.toContain(token.title);
      expect(await titles(), `way ${at}`).toEqual(expect.arrayContaining(['by hand', ...other]));
      const gone = await api.ctx.db
        .selectFrom('audit_events')
        .select(['data', 'repository_name'])
        .where('action', '=', 'public_key.delete')
        .orderBy('id', 'desc')
        .execute();
      const logged = gone.find(({ data }) => data.includes(token.title));
      expect(logged?.repository_name).toBe('mona/plans');
      expect(JSON.parse(logged?.data ?? '{}')).toMatchObject({ explanation: 'token_deleted' });
    }
    // People's own keys stay.
    expect((await listKeys(api.ctx, mona.id, all)).total).toBe(7);
  });

  it('stay when the token expires or is regenerated', async () => {
    const { id, title } = await tokenWithKey();
    valueIn(
      await regenerateToken({ ...api.ctx, by: operator }, mona.id, id, { expiresAt: api.ctx.now() + 1000 }),
    );
    api.ctx.clock.forward(60 * 60_000);
    expect(await titles()).toContain(title);
  });

  it('go with the account whose token it was, as do its own keys', async () => {
    const bob = await api.person('bob');
    const ctx = { ...api.ctx, by: operator };
    await api.ctx.db
      .insertInto('collaborators')
      .values({ repository_id: repository.id, account_id: bob.id, role: 'admin', created_at: 0 })
      .execute();
    const token = await api.token(bob, ['repo', 'write:public_key']);
    for (const path of ['/repos/mona/plans/keys', '/user/keys']) {
      const made = await api.call('POST', path, { token, body: { title: 'of bob', key: newPublicKey() } });
      expect(made.statusCode).toBe(201);
    }
    valueIn(await deleteAccount(ctx, bob.id));
    const left = await api.ctx.db.selectFrom('ssh_keys').select('id').where('title', '=', 'of bob').execute();
    expect(left).toEqual([]);
    const logged = await api.ctx.db
      .selectFrom('audit_events')
      .select('data')
      .where('action', '=', 'public_key.delete')
      .where('data', 'like', '%account_deleted%')
      .execute();
    expect(logged).toHaveLength(2);
  });
});
