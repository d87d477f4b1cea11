// Git over HTTP and over SSH, measured from outside on the running server: whole fetches and pushes, by every
// credential there is.
import type { ActionName } from '../../src/access/actions.ts';
import { repositoryDirectory } from '../../src/repositories/storage.ts';
import {
  type Exchange,
  exchanges,
  fetchByVersion2,
  type Pushes,
  pushesUpon,
  wentThrough,
} from './exchange.ts';
import { may, mayStranger, type Visible } from './oracle.ts';
import { type Grant, type Login, type World, wholeCatalogue, withWorkflow } from './world.ts';

/** Which rows of the table an exchange takes. */
export const actionsOf: Readonly<Record<Exchange, readonly ActionName[]>> = {
  fetch: ['contents.read'],
  push: ['contents.write'],
  workflow: ['contents.write', 'workflows.write'],
};

export const bothVisibilities: readonly Visible[] = ['public', 'private'];

export type AllPushes = Readonly<Record<Visible, Pushes>>;

export function pushesTo({ ctx, things }: World): AllPushes {
  const upon = (visibility: Visible) => {
    const { id, head } = things[visibility];
    return pushesUpon(repositoryDirectory(ctx.config, id), head);
  };
  return { public: upon('public'), private: upon('private') };
}

export interface GitMeasured {
  readonly exchange: Exchange;
  readonly visibility: Visible;
  readonly grants: readonly Grant[];
  readonly stranger: boolean;
}

/** @param url of the server, without a slash */
export async function measureGitOverHttp(
  world: World,
  url: string,
  pushes: AllPushes,
): Promise<{ readonly measured: readonly GitMeasured[]; readonly wrong: readonly string[] }> {
  const measured: GitMeasured[] = [];
  const wrong: string[] = [];
  for (const exchange of exchanges) {
    for (const visibility of bothVisibilities) {
      const rows = actionsOf[exchange];
      const { name, head } = world.things[visibility];
      const there = `${url}/mona/${name}.git`;
      const judge = async (login: Login | null, grant: Grant, expected: boolean) => {
        const token = login === null ? null : world.token(login, grant);
        const is = await exchangeOverHttp(there, exchange, token, {
          fetch: fetchByVersion2(head),
          ...pushes[visibility],
        });
        if (is && exchange !== 'fetch') await world.restore();
        if (is !== expected) {
          const who = login === null ? 'a stranger' : `${login} with ${grant}`;
          wrong.push(`${exchange} on ${visibility} over HTTP: ${who} is ${is ? 'let in' : 'refused'}`);
        }
        return is;
      };
      const every = (standing: 'right' | 'wrong', grant: Grant) =>
        rows.every((action) => may(action, standing, grant, visibility));
      const grants: Grant[] = [];
      for (const grant of ['none', 'all', ...wholeCatalogue, ...withWorkflow] as const) {
        if (await judge('writer', grant, every('right', grant))) grants.push(grant);
      }
      const wrongOne = exchange === 'fetch' ? 'hubot' : 'reader';
      for (const grant of ['none', 'all'] as const) await judge(wrongOne, grant, every('wrong', grant));
      await judge('mona', 'none', every('right', 'none'));
      await judge('mona', 'all', true);
      await judge('asleep', 'all', false);
      const nobody = rows.every((action) => mayStranger(action, visibility));
      const stranger = await judge(null, 'none', nobody);
      measured.push({ exchange, visibility, grants, stranger });
    }
  }
  return { measured, wrong };
}

/** The two requests of which a fetch or a push over HTTP is made (gitprotocol-http(5)). */
async function exchangeOverHttp(
  there: string,
  exchange: Exchange,
  token: string | null,
  requests: Pushes & { readonly fetch: string },
): Promise<boolean> {
  const service = exchange === 'fetch' ? 'git-upload-pack' : 'git-receive-pack';
  const headers = {
    'git-protocol': 'version=2',
    ...(token === null ? {} : { authorization: `Basic ${btoa(`x:${token}`)}` }),
  };
  const advertised = await fetch(`${there}/info/refs?service=${service}`, { headers });
  await advertised.arrayBuffer();
  const answer = await fetch(`${there}/${service}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': `application/x-${service}-request` },
    body: requests[exchange],
  });
  const went = wentThrough(exchange, Buffer.from(await answer.arrayBuffer()));
  // A push of workflows is offered to who may push at all; otherwise both requests are one decision.
  if (exchange !== 'workflow' && (advertised.status === 200) !== went) {
    throw new Error(`${service} of ${there}: advertised ${advertised.status}, then ${answer.status}`);
  }
  return went;
}
