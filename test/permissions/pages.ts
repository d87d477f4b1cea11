// The pages, measured from outside: who gets one, by a session, and who is turned away.
import type { ActionName } from '../../src/access/actions.ts';
import { relyingParty } from '../../src/accounts/passkeys.ts';
import { cookieName } from '../../src/web/cookies.ts';
import { authenticityToken } from '../../src/web/csrf.ts';
import { inviting } from './belongings.ts';
import { castOf, countsVisibility, may, mayStranger, takesSudo, type Visible } from './oracle.ts';
import type { Login, World } from './world.ts';

/** What a parameter of a page stands for: by the beginning of its address. */
export function pagePath(world: World, url: string, visibility: Visible, login: Login): string {
  const things = world.things[visibility];
  const ids: readonly (readonly [string, string | number])[] = [
    ['/settings/people/:id', world.accounts.spare.id],
    ['/admin/people/:id', world.accounts.spare.id],
    ['/settings/tokens/:id', world.tokenId(login, 'none')],
    ['/admin/tokens/:id', world.tokenId('spare', 'none')],
    ['/admin/keys/:id', world.keyOf.spare],
    ['/settings/keys/:key_id', world.keyOf.mona],
    ['/settings/keys/gpg/:key_id', world.gpgKey],
    ['/settings/keys/signing/:key_id', world.signingKey],
    ['/settings/security/passkeys/:id', world.belongings.passkey],
    ['/settings/sessions/:id', world.belongings.session],
    ['/settings/notices/:id', world.belongings.notice],
  ];
  const id = ids.find(([start]) => url.startsWith(start))?.[1];
  const known: Readonly<Record<string, string | number>> = {
    owner: 'mona',
    repo: things.name,
    org: url.startsWith('/orgs/:org/invitation') ? inviting : 'octo',
    invitation_id: world.invitationOfMona,
    team_slug: 'crew',
    hook_id: things.hook,
    delivery_id: things.delivery,
    sha: things.head,
    key_id: id ?? things.deployKey,
    account_id: world.accounts.mona.id,
    file: 'app.css',
    '*': /\/(blob|raw)\//.test(url) ? 'main/README.md' : 'main',
    ...(id === undefined ? {} : { id }),
  };
  return url.replace(/:(\w+)|\*/g, (_whole, parameter: string | undefined) =>
    String(known[parameter ?? '*'] ?? '1'),
  );
}

/** Answers of pages that say no: turned away to sign in, not allowed, not there. */
function isRefusal(status: number, location: string | undefined): boolean {
  return [401, 403, 404].includes(status) || (location?.startsWith('/login?') ?? false);
}

/** Pages of things that are not in the world: being told that there is no such thing is being let in that far. */
const ofAbsentThings =
  /^\/new\/import\/:id|^\/settings\/emails\/verify|^\/assets|^\/login|^\/setup|^\/password/;

/** Passkeys are made only where the server has a name. */
const makesPasskeys = /^\/settings\/security\/passkeys(\/new|\/challenge)?$/;

function isOfAbsent({ ctx }: World, url: string): boolean {
  return ofAbsentThings.test(url) || (makesPasskeys.test(url) && relyingParty(ctx.config) === null);
}

/** @returns where it differs from the hand-written permissions, in words */
export async function measurePage(
  world: World,
  { method, url, action }: { readonly method: string; readonly url: string; readonly action: ActionName },
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const cast = castOf(action);
  const ask = async (visibility: Visible, login: Login | null) => {
    const session = login === null ? null : world.session(login);
    const form =
      method === 'GET' || session === null
        ? {}
        : {
            payload: new URLSearchParams({
              authenticity_token: authenticityToken(session, world.ctx.random),
            }).toString(),
          };
    const answer = await world.ask({
      method,
      url: pagePath(world, url, visibility, login ?? cast.right),
      headers: {
        ...(session === null ? {} : { cookie: `${cookieName('session', false)}=${session.expose()}` }),
        ...(method === 'GET' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...form,
    });
    if (method !== 'GET') await world.restore();
    if (answer.statusCode >= 500) wrong.push(`${method} ${url} by ${login}: ${answer.statusCode}`);
    return { status: answer.statusCode, location: answer.headers.location as string | undefined };
  };
  const visibilities: readonly Visible[] = countsVisibility(action) ? ['public', 'private'] : ['private'];
  for (const visibility of visibilities) {
    const judge = async (login: Login | null, expected: boolean) => {
      const { status, location } = await ask(visibility, login);
      if (expected && isOfAbsent(world, url)) return;
      if (isRefusal(status, location) === expected) {
        wrong.push(
          `${method} ${url}: ${login ?? 'a stranger'} on ${visibility}: ${status} ${location ?? ''}`,
        );
      }
    };
    await judge(cast.right, true);
    if (cast.wrong !== null) await judge(cast.wrong, may(action, 'wrong', null, visibility));
    // A stranger's form is refused before anything else is looked at: it can't be one of ours.
    if (method === 'GET' || !mayStranger(action, visibility))
      await judge(null, mayStranger(action, visibility));
  }
  if (takesSudo(action) && !isOfAbsent(world, url)) {
    await world.forgetProofs();
    const { status } = await ask('private', cast.right);
    if (status !== 401) wrong.push(`${method} ${url}: ${cast.right} without a recent proof: ${status}`);
    await world.restore();
  }
  return wrong;
}
