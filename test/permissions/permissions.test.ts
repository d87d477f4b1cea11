// The permission table, measured from outside: every route of the API and every page, called by everybody, compared
// with the permissions that are written by hand in src/access/expected.ts; docs/permissions.md is made of it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documented, documentPath, readDocument } from './document.ts';
import { measureRoute, type RouteMeasured } from './measure.ts';
import { castOf, may, mayStranger } from './oracle.ts';
import { measurePage, pagePath } from './pages.ts';
import { registered, registeredRest, restRoot, restRowOf } from './registered.ts';
import { downloadRoutes, gitHttpRoutes, machineRoutes, pageRoutes, restRoutes } from './routes.ts';
import { isAlias } from './samples.ts';
import { createWorld, type Grant, type Login, type World, wholeCatalogue } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
}, 120_000);
afterAll(() => world?.close());

describe('The permissions', () => {
  it('know every route, and what it does', () => {
    const found: Record<string, string> = {};
    for (const { method, url, action } of registered(world)) {
      if (!url.startsWith(restRoot)) found[`${method} ${url}`] = action;
      else if (!isAlias(url.slice(restRoot.length)))
        found[`${method} ${url.slice(restRoot.length) || '/'}`] = action;
    }
    expect(found).toEqual({
      ...restRoutes,
      ...gitHttpRoutes,
      ...machineRoutes,
      ...downloadRoutes,
      ...pageRoutes,
    });
    for (const { method, url, action } of registered(world)) {
      const below = url.slice(restRoot.length);
      if (!url.startsWith(restRoot) || !isAlias(below)) continue;
      const meant = restRowOf(method, below) ?? '';
      expect([`${method} ${url}`, action]).toEqual([`${method} ${url}`, restRoutes[meant]]);
    }
  });

  it('of the API are those written by hand, for everybody and every scope, and stand in docs/permissions.md', async () => {
    const measured = new Map<string, RouteMeasured>();
    const wrong: string[] = [];
    for (const [turn, route] of registeredRest(world).entries()) {
      const found = await measureRoute(world, route, turn + 1);
      wrong.push(...found.wrong);
      const key = restRowOf(route.method, route.url);
      if (key !== undefined && !isAlias(route.url)) measured.set(key, found);
    }
    expect(wrong).toEqual([]);
    await expect(documented(measured, await readDocument())).toMatchFileSnapshot(documentPath);
  }, 600_000);

  it('of git over HTTP are those written by hand, for everybody and every scope', async () => {
    const wrong: string[] = [];
    for (const [service, action] of [
      ['git-upload-pack', 'contents.read'],
      ['git-receive-pack', 'contents.write'],
    ] as const) {
      const { right, wrong: other } = castOf(action);
      for (const visibility of ['public', 'private'] as const) {
        const url = `/mona/${world.things[visibility].name}.git/info/refs?service=${service}`;
        const judge = async (login: Login | null, grant: Grant, may: boolean) => {
          const authorization = login === null ? '' : `Bearer ${world.token(login, grant)}`;
          const headers = authorization === '' ? {} : { authorization };
          const { statusCode } = await world.ask({ url, headers });
          if ((statusCode === 200) !== may) wrong.push(`${url} by ${login} with ${grant}: ${statusCode}`);
        };
        for (const grant of ['none', 'all', ...wholeCatalogue] as const) {
          await judge(right, grant, may(action, 'right', grant, visibility));
        }
        if (other !== null) await judge(other, 'all', may(action, 'wrong', 'all', visibility));
        await judge('asleep', 'all', false);
        await judge(null, 'none', mayStranger(action, visibility));
      }
    }
    expect(wrong).toEqual([]);
  }, 600_000);

  it('of downloads by a token are those written by hand, for everybody and every scope', async () => {
    const wrong: string[] = [];
    for (const [route, action] of Object.entries(downloadRoutes)) {
      const { right, wrong: other } = castOf(action);
      for (const visibility of ['public', 'private'] as const) {
        const url = pagePath(world, route.slice('GET '.length), visibility, right);
        const judge = async (login: Login | null, grant: Grant, may: boolean) => {
          const headers = login === null ? {} : { authorization: `Bearer ${world.token(login, grant)}` };
          const { statusCode } = await world.ask({ url, headers });
          if ((statusCode === 200) !== may) wrong.push(`${url} by ${login} with ${grant}: ${statusCode}`);
        };
        for (const grant of ['none', 'all', ...wholeCatalogue] as const) {
          await judge(right, grant, may(action, 'right', grant, visibility));
        }
        if (other !== null) await judge(other, 'all', may(action, 'wrong', 'all', visibility));
        await judge('asleep', 'all', false);
        await judge(null, 'none', mayStranger(action, visibility));
      }
    }
    expect(wrong).toEqual([]);
  }, 600_000);

  it('of the pages are those written by hand, for strangers, other people, and those who have to prove who they are', async () => {
    const wrong: string[] = [];
    for (const [key, action] of Object.entries(pageRoutes)) {
      const [method = '', url = ''] = key.split(' ');
      wrong.push(...(await measurePage(world, { method, url, action })));
    }
    expect(wrong).toEqual([]);
  }, 600_000);
});
