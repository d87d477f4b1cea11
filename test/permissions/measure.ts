// Measures from outside who is let in by a route of the API and who isn't: everybody of the cast, by tokens of every
// single scope, of none and of all.
import type { ActionName } from '../../src/access/actions.ts';
import { castOf, countsVisibility, isForApplications, may, mayStranger, type Visible } from './oracle.ts';
import { isAlias, sampleFor } from './samples.ts';
import { type Grant, type Login, type World, wholeCatalogue } from './world.ts';

const isLong = process.env.LATCHKEY_LONG === '1';

export interface Measured {
  readonly visibility: Visible;
  /** Those by which the right person is let in, `none` among them. */
  readonly grants: readonly Grant[];
  readonly stranger: boolean;
}

export interface RouteMeasured {
  readonly measured: readonly Measured[];
  /** Where it differs from the hand-written permissions, in words. */
  readonly wrong: readonly string[];
}

/** @param turn decides which scopes stand for all where any will do, in the short form */
export async function measureRoute(
  world: World,
  { method, url, action }: { readonly method: string; readonly url: string; readonly action: ActionName },
  turn: number,
): Promise<RouteMeasured> {
  const wrong: string[] = [];
  const measured: Measured[] = [];
  const cast = castOf(action);

  const ask = async (visibility: Visible, login: Login | null, grant: Grant): Promise<boolean> =>
    askBy(
      visibility,
      `${login} with ${grant}`,
      login ?? cast.right,
      login === null ? null : `Bearer ${world.token(login, grant)}`,
    );
  const askBy = async (
    visibility: Visible,
    who: string,
    caller: Login,
    authorization: string | null,
  ): Promise<boolean> => {
    const { path, body } = sampleFor(method, url, world, world.things[visibility], caller);
    const answer = await world.ask({
      method,
      url: `/api/v3${path}`,
      headers: authorization === null ? {} : { authorization },
      ...(body === undefined ? {} : { payload: body }),
    });
    const { statusCode: status } = answer;
    if (status < 400 && method !== 'GET') await world.restore();
    // Nothing is limited by default: ghes-spec 5.6.
    if (status < 400 || answer.body.includes('Rate limiting is not enabled.')) return true;
    if (![401, 403, 404].includes(status)) {
      wrong.push(`${method} ${path} by ${who}: ${status} ${answer.body.slice(0, 200)}`);
    }
    const changed = method === 'GET' ? [] : await world.changed();
    if (changed.length > 0) {
      wrong.push(`${method} ${path} by ${who}: ${status}, but ${changed.join()} changed`);
      await world.restore();
    }
    return false;
  };
  const judge = (is: boolean, expected: boolean, who: string): void => {
    if (is !== expected) wrong.push(`${method} ${url}: ${who} is ${is ? 'let in' : 'refused'}`);
  };

  const visibilities: readonly Visible[] =
    countsVisibility(action) || action === 'repositories.create' ? ['public', 'private'] : ['private'];
  for (const visibility of visibilities) {
    const grants: Grant[] = [];
    for (const grant of grantsFor(action, visibility, isAlias(url), turn)) {
      const is = await ask(visibility, cast.right, grant);
      if (is) grants.push(grant);
      judge(is, may(action, 'right', grant, visibility), `${cast.right} with ${grant} on ${visibility}`);
    }
    if (cast.wrong !== null) {
      for (const grant of ['none', 'all'] as const) {
        const is = await ask(visibility, cast.wrong, grant);
        judge(is, may(action, 'wrong', grant, visibility), `${cast.wrong} with ${grant} on ${visibility}`);
      }
    }
    judge(await ask(visibility, 'asleep', 'all'), false, `somebody suspended on ${visibility}`);
    const stranger = await ask(visibility, null, 'none');
    judge(stranger, mayStranger(action, visibility), `a stranger on ${visibility}`);
    if (isForApplications(action)) {
      const { client, otherClient } = world.belongings;
      const wrongSecret = { ...client, secret: otherClient.secret };
      for (const [who, credentials, expected] of [
        ['the application itself', client, true],
        ['another application', otherClient, false],
        ['who knows no secret of it', wrongSecret, false],
      ] as const) {
        judge(await askBy(visibility, who, cast.right, basic(credentials)), expected, who);
      }
    }
    measured.push({ visibility, grants, stranger });
  }
  return { measured, wrong };
}

const basic = ({ id, secret }: { readonly id: string; readonly secret: string }): string =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** Each single one; where a token without any will do, some that stand for the others. */
function grantsFor(action: ActionName, visibility: Visible, alias: boolean, turn: number): readonly Grant[] {
  if (alias && !isLong) return ['none', 'all'];
  if (isLong || !may(action, 'right', 'none', visibility)) return ['none', 'all', ...wholeCatalogue];
  const some = [turn, turn + 7].map((index) => wholeCatalogue[index % wholeCatalogue.length]);
  return ['none', 'all', ...some.filter((scope) => scope !== undefined)];
}
