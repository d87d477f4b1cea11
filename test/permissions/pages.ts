// The pages, measured from outside: who gets one, by a session, and who is turned away.
import type { ActionName } from '../../src/access/actions.ts';
import { relyingParty } from '../../src/accounts/passkeys.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { cookieName } from '../../src/web/cookies.ts';
import { authenticityToken } from '../../src/web/csrf.ts';
import { inviting } from './belongings.ts';
import { doors, type Fields, forms, unchanging, wrongSecrets } from './forms.ts';
import { castOf, countsVisibility, may, mayStranger, takesSudo, type Visible } from './oracle.ts';
import type { Login, World } from './world.ts';

/** What a parameter of a page stands for: by the beginning of its address. */
export function pagePath(world: World, url: string, visibility: Visible, login: Login): string {
  const things = world.things[visibility];
  const ids: readonly (readonly [string, string | number])[] = [
    ['/settings/people/:id/unsuspend', world.accounts.asleep.id],
    ['/settings/people/:id/reset', world.accounts.mona.id],
    ['/settings/people/:id', world.accounts.spare.id],
    ['/admin/people/:id', world.accounts.spare.id],
    ['/settings/tokens/:id', world.tokenId(login, 'all')],
    ['/admin/tokens/:id', world.tokenId('spare', 'none')],
    ['/admin/keys/:id', world.keyOf.spare],
    ['/settings/keys/:key_id', world.keyOf.mona],
    ['/settings/keys/gpg/:key_id', world.gpgKey],
    ['/settings/keys/signing/:key_id', world.signingKey],
    ['/settings/security/passkeys/:id', world.belongings.passkey],
    ['/settings/sessions/:id', world.belongings.session],
    ['/settings/notices/:id', world.belongings.notice],
    ['/settings/applications/:id', world.belongings.application],
    ['/organizations/:org/settings/applications/:id', world.belongings.ofOcto.application],
    ['/admin/applications/:id/enable', world.belongings.applicationOff],
    ['/admin/applications/:id', world.belongings.application],
  ];
  const id = ids.find(([start]) => url.startsWith(start))?.[1];
  const known: Readonly<Record<string, string | number>> = {
    owner: 'mona',
    repo: things.name,
    org: url.startsWith('/orgs/:org/invitation') ? inviting : 'octo',
    invitation_id: world.invitationOfMona,
    transfer_id: world.transferToMona,
    team_slug: 'crew',
    hook_id: things.hook,
    delivery_id: things.delivery,
    sha: things.head,
    key_id: id ?? things.deployKey,
    account_id: world.accounts.mona.id,
    secret_id: (url.startsWith('/organizations') ? world.belongings.ofOcto : world.belongings).clientSecret,
    organization_id: world.octo.id,
    client_id: world.belongings.client.id,
    file: 'app.css',
    kind: 'zip',
    '*': /\/(blob|raw)\//.test(url) ? 'main/README.md' : url.includes('/archive/') ? 'main.zip' : 'main',
    ...(id === undefined ? {} : { id }),
  };
  // What is wrong with a request is told to all; a good one takes strangers to sign in.
  if (url === '/login/oauth/authorize') return `${url}?client_id=178c6fc778ccc68e1d6a&response_type=token`;
  return url.replace(/:(\w+)|\*/g, (_whole, parameter: string | undefined) =>
    String(known[parameter ?? '*'] ?? '1'),
  );
}

/** Answers of pages that say no: turned away to sign in, not allowed, not there. */
function isRefusal(status: number, location: string | undefined): boolean {
  return [401, 403, 404].includes(status) || (location?.startsWith('/login?') ?? false);
}

/** Pages of things that are not in the world: being told that there is no such thing is being let in that far. */
const ofAbsentThings = /^\/new\/import\/:id|^\/settings\/emails\/verify|^\/assets|^\/login\/oauth/;

/** Passkeys are made only where the server has a name. */
const makesPasskeys =
  /^\/settings\/security\/passkeys(\/new|\/challenge)?$|^\/login\/(?:\w+\/)*passkey|\/challenge$/;

function isOfAbsent({ ctx }: World, url: string): boolean {
  return ofAbsentThings.test(url) || (makesPasskeys.test(url) && relyingParty(ctx.config) === null);
}

interface Page {
  readonly method: string;
  readonly url: string;
  readonly action: ActionName;
}

interface PageAnswer {
  readonly status: number;
  readonly location: string | undefined;
  /** Does the browser hold a session after it that it did not hold before? */
  readonly signsIn: boolean;
  /** What is not as it was before. */
  readonly changed: readonly string[];
}

/** Strangers have a browser as well, and their forms are of our pages. */
const visitor = new Secret('v'.repeat(43));

/** Asks for a page, or sends its form, and puts everything back. */
async function askPage(
  world: World,
  { method, url }: Pick<Page, 'method' | 'url'>,
  { path, login, fields }: { readonly path: string; readonly login: Login | null; readonly fields: Fields },
): Promise<PageAnswer> {
  const browser = login === null ? visitor : world.session(login);
  const cookie = cookieName(login === null ? 'visitor' : 'session', false);
  const isForm = method !== 'GET';
  const form = { ...fields, authenticity_token: authenticityToken(browser, world.ctx.random) };
  const answer = await world.ask({
    method,
    url: path,
    headers: {
      cookie: `${cookie}=${browser.expose()}`,
      ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    ...(isForm ? { payload: new URLSearchParams(form).toString() } : {}),
  });
  const changed = isForm ? await world.changed() : [];
  if (isForm) await world.restore();
  if (answer.statusCode >= 500) {
    const hint = 'why: the same test again with TEST_LOG=error in the environment';
    throw new Error(`${method} ${url} by ${login}: ${answer.statusCode} (${hint})`);
  }
  const cookies = String(answer.headers['set-cookie'] ?? '');
  return {
    status: answer.statusCode,
    location: answer.headers.location as string | undefined,
    signsIn: new RegExp(`${cookieName('session', false)}=[^;]`).test(cookies),
    changed,
  };
}

/** @returns where it differs from the hand-written permissions, in words */
export async function measurePage(world: World, page: Page): Promise<readonly string[]> {
  const { method, url, action } = page;
  if (doors.has(action)) return measureDoor(world, page);
  const wrong: string[] = [];
  const cast = castOf(action);
  const isForm = method !== 'GET';
  const mayStayAsItIs = !isForm || Object.hasOwn(unchanging, url);
  const typed = forms[url];
  if (isForm && typed === undefined && !mayStayAsItIs) wrong.push(`${url} has no form in forms.ts`);
  const ask = (visibility: Visible, login: Login | null) => {
    const path = pagePath(world, url, visibility, login ?? cast.right);
    return askPage(world, page, { path, login, fields: typed?.(world, world.things[visibility]) ?? {} });
  };
  const visibilities: readonly Visible[] = countsVisibility(action) ? ['public', 'private'] : ['private'];
  for (const visibility of visibilities) {
    const judge = async (login: Login | null, expected: boolean) => {
      const { status, location, changed } = await ask(visibility, login);
      if (expected && isOfAbsent(world, url)) return;
      const who = `${method} ${url}: ${login ?? 'a stranger'} on ${visibility}: ${status} ${location ?? ''}`;
      if (isRefusal(status, location) === expected) wrong.push(who);
      if (!expected && changed.length > 0) wrong.push(`${who} changes ${changed.join()}`);
      if (expected && login !== null && !mayStayAsItIs && (status >= 400 || changed.length === 0)) {
        wrong.push(`${who} changes nothing`);
      }
    };
    await judge(cast.right, true);
    if (cast.wrong !== null) await judge(cast.wrong, may(action, 'wrong', null, visibility));
    await judge(null, mayStranger(action, visibility));
  }
  // The proof is asked for before anything is looked at, so that it does not matter what there is.
  if (takesSudo(action)) {
    await world.forgetProofs();
    const { status, changed } = await ask('private', cast.right);
    const others = changed.filter((name) => name !== 'sessions');
    if (status !== 401 || others.length > 0) {
      wrong.push(`${method} ${url}: ${cast.right} without a recent proof: ${status}, ${others.join()}`);
    }
    await world.restore();
  }
  return wrong;
}

/** Tries are counted, what is asked of a browser is remembered, and the cookie of a browser is not changed by that. */
const notedAtDoors = ['sign_in_failures', 'passkey_challenges'];

/** Nobody comes in without the right secret, and nothing is changed by trying. */
async function measureDoor(world: World, page: Page): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const login of [null, 'hubot', 'boss'] as const) {
    const path = page.method === 'GET' ? `${page.url}?code=${wrongSecrets.code}` : page.url;
    const answer = await askPage(world, page, { path, login, fields: wrongSecrets });
    const changed = answer.changed.filter((name) => !notedAtDoors.includes(name));
    if (!answer.signsIn && changed.length === 0) continue;
    wrong.push(`${page.method} ${page.url}: ${login ?? 'a stranger'} comes in, or changes ${changed.join()}`);
  }
  return wrong;
}
