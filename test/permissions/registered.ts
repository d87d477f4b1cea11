// The routes that the server has registered, with the actions that were written down for them by hand: aliases by
// number have those of the routes that they stand for.
import type { ActionName } from '../../src/access/actions.ts';
import type { Place } from './app.ts';
import { pageRoutes, restRoutes } from './routes.ts';
import { isAlias, shortName } from './samples.ts';

export const restRoot = '/api/v3';

export interface CalledRoute {
  readonly method: string;
  /** Of the API: below its root. */
  readonly url: string;
  readonly action: ActionName;
}

/** The row of `restRoutes` that is meant by a route of the API, itself or its alias by number. */
const rowOf: ReadonlyMap<string, string> = new Map(
  Object.keys(restRoutes).map((key) => {
    const [method = '', url = ''] = key.split(' ');
    return [shortName(method, url), key];
  }),
);

export function restRowOf(method: string, url: string): string | undefined {
  return rowOf.get(shortName(method, url));
}

/** Every registered one but HEAD, which is GET without the body. */
export function registered({ routes }: Pick<Place, 'routes'>) {
  return routes.flatMap(({ methods, url, action }) =>
    methods.filter((method) => method !== 'HEAD').map((method) => ({ method, url, action })),
  );
}

/** Those of the API; one that nobody has written down is left to the test that finds it. */
export function registeredRest(place: Pick<Place, 'routes'>): readonly CalledRoute[] {
  return registered(place).flatMap(({ method, url }) => {
    if (!url.startsWith(restRoot)) return [];
    const below = url.slice(restRoot.length) || '/';
    const action = restRoutes[restRowOf(method, below) ?? ''];
    return action === undefined ? [] : [{ method, url: below, action }];
  });
}

/** One of each action; and of the aliases, one of each method and each kind of number. */
export function oneOfEach(routes: readonly CalledRoute[]): readonly CalledRoute[] {
  const seen = new Set<string>();
  return routes.filter(({ method, url, action }) => {
    const numbers = url.match(/^(?:\/\w+\/:\w+)(?:\/team\/:\w+)?/)?.[0];
    const kind = isAlias(url) ? `${method} ${numbers}` : action;
    if (seen.has(kind)) return false;
    seen.add(kind);
    return true;
  });
}

export const writtenPages: readonly CalledRoute[] = Object.entries(pageRoutes).map(([key, action]) => {
  const [method = '', url = ''] = key.split(' ');
  return { method, url, action };
});
