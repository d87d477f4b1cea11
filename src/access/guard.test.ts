import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestContext, testContext } from '../../test/context.ts';
import { anonymous } from './actor.ts';
import { createGuard, guardRoutes, type WayIn } from './guard.ts';
import { instance } from './targets.ts';

let ctx: TestContext;
beforeAll(async () => {
  ctx = await testContext();
});
afterAll(() => ctx.db.destroy());

const openDoor: WayIn = {
  authenticate: async () => ({ actor: anonymous }),
  refuse: (_request, reply, refusal) => reply.code(403).send(refusal),
  moved: (_request, reply, path) => reply.redirect(path, 301),
};

describe('the guard', () => {
  it('does not let a route without an action be registered', async () => {
    const app = Fastify();
    createGuard().requireGuard(app);
    expect(() => app.get('/around', async () => 'in')).toThrow(/has no action/);
    expect(() => app.get('/forged', { config: { action: 'meta.read' } }, async () => 'in')).toThrow(
      /has no action/,
    );
    await app.close();
  });

  it('lets a handler run only after the decision was "allowed"', async () => {
    const app = Fastify();
    const guard = createGuard();
    guard.requireGuard(app);
    const { route } = guardRoutes(app, ctx, { wayIn: openDoor, mark: guard.mark });
    let ran = 0;
    const count = () => `ran ${++ran}`;
    route({ method: 'GET', url: '/open', action: 'meta.read', target: () => instance, handler: count });
    route({ method: 'GET', url: '/shut', action: 'people.create', target: () => instance, handler: count });
    route({ method: 'GET', url: '/gone', action: 'accounts.read', target: () => null, handler: count });
    expect((await app.inject('/open')).body).toBe('ran 1');
    expect((await app.inject('/shut')).json()).toMatchObject({ because: 'unauthenticated' });
    expect((await app.inject('/gone')).json()).toEqual({ because: 'invisible' });
    expect(ran).toBe(1);
    await app.close();
  });

  it('decides after the body was read where the body tells the target', async () => {
    const app = Fastify();
    const guard = createGuard();
    guard.requireGuard(app);
    const { route } = guardRoutes(app, ctx, { wayIn: openDoor, mark: guard.mark });
    route({
      method: 'POST',
      url: '/by-body',
      action: 'accounts.read',
      targetInBody: true,
      target: (request) => {
        const { id } = request.body as { id: number };
        return id === 1 ? { kind: 'account', accountId: id } : null;
      },
      handler: ({ target }) => target,
    });
    const post = (id: number) => app.inject({ method: 'POST', url: '/by-body', payload: { id } });
    expect((await post(1)).json()).toEqual({ kind: 'account', accountId: 1 });
    expect((await post(2)).statusCode).toBe(403);
    await app.close();
  });
});
