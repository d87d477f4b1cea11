// How long a pass is good, with a clock that the test moves.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import { anonymous } from '../access/actor.ts';
import { createRepository } from '../repositories/repositories.ts';
import { Secret } from '../secrets/secret.ts';
import { tokenVerifier } from '../tokens/verifying.ts';
import { createPasses, PASS_SECONDS } from './passes.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const wanted = { commit: 'a'.repeat(40), format: 'zip' } as const;

it('A pass is good for five minutes, not longer than its token, and only where its key lies', async () => {
  const { ctx } = api;
  const mona = await api.person('mona');
  const repository = valueIn(
    await createRepository(ctx, { owner: mona, name: 'r', description: null, visibility: 'private' }),
  );
  const opens = { ...wanted, repositoryId: repository.id };
  const passes = createPasses(ctx);
  const passOf = async (expiresAt: number | null) => {
    const secret = new Secret(await api.token(mona, ['repo'], expiresAt));
    const { actor = anonymous } = await tokenVerifier(ctx).verify(secret);
    return (await passes.issue(actor, opens)) ?? '';
  };
  const isGood = async (pass: string) => (await passes.verify(pass, wanted)).repositoryId === repository.id;

  const lasting = await passOf(null);
  const short = await passOf(ctx.now() + 60_000);
  expect([await isGood(lasting), await isGood(short)]).toEqual([true, true]);
  ctx.clock.forward(60_000);
  expect([await isGood(lasting), await isGood(short)]).toEqual([true, false]);
  ctx.clock.forward(PASS_SECONDS * 1000 - 61_000);
  expect(await isGood(lasting)).toBe(true);
  ctx.clock.forward(1_000);
  expect(await isGood(lasting)).toBe(false);

  const fresh = await passOf(null);
  const elsewhere = createPasses({
    ...ctx,
    config: { ...ctx.config, dataDirectory: `${ctx.config.dataDirectory}/elsewhere` },
  });
  expect(await isGood(fresh)).toBe(true);
  expect((await elsewhere.verify(fresh, wanted)).authenticated.refused?.because).toBe('bad-credential');
  expect(await passes.issue(anonymous, opens)).toBe(null);
});
