// Does one row of the table of actions agree with what was written by hand? Asked of the decision itself, over every
// kind of credential, role, visibility and single scope, and of the headers and statuses that the API makes of it.
import { type ActionName, actions, organizationRoles, repositoryRoles } from '../../src/access/actions.ts';
import { type Actor, anonymous, type Grant } from '../../src/access/actor.ts';
import { type Decision, decide } from '../../src/access/decide.ts';
import { type Expected, expected } from '../../src/access/expected.ts';
import { instance, type Target, visibilities } from '../../src/access/targets.ts';
import { acceptedScopes } from '../../src/api/headers.ts';
import { refusalError } from '../../src/api/refusals.ts';
import { allScopes, normalForm, type Scope, type Scopes } from '../../src/scopes/scopes.ts';

const ask = decide as (actor: Actor, action: ActionName, target: Target) => Decision;

/** Recorded values of X-Accepted-OAuth-Scopes that are not simply the scopes that open it (ghes-spec appendix A). */
const recorded: Readonly<Partial<Record<ActionName, readonly string[]>>> = {
  // Every answer of GitHub's GraphQL says so, whatever it was about.
  'graphql.query': ['repo'],
  'organizations.read': ['admin:org', 'read:org', 'repo', 'user', 'write:org'],
  'repositories.create': ['public_repo', 'repo'],
  'repositories.read': ['repo'],
  'repositories.delete': ['delete_repo'],
  'statuses.read': ['repo', 'repo:status'],
};

/** ghes-spec 5.2 row 11: the one place, besides repositories that are seen, where a missing scope is told. */
const told: ReadonlySet<ActionName> = new Set(['organizations.list-own']);

const self = 1;
/** None, each alone, each beside what opens the code, and all. */
const grants: readonly Scopes[] = [
  [],
  ...allScopes.map((scope): Scopes => [scope]),
  ...allScopes.map((scope) => normalForm([scope, 'repo'])),
  normalForm(allScopes),
];
const targets: Readonly<Record<Target['kind'], readonly Target[]>> = {
  instance: [instance],
  application: ['one', 'two'].map((clientId) => ({ kind: 'application', clientId })),
  account: [1, 2].map((accountId) => ({ kind: 'account', accountId })),
  repository: visibilities.flatMap((visibility) =>
    [null, ...repositoryRoles].map(
      (role): Target => ({ kind: 'repository', repositoryId: 1, visibility, role }),
    ),
  ),
  organization: [null, ...organizationRoles].map((role) => ({
    kind: 'organization',
    organizationId: 9,
    role,
  })),
  'new-repository': visibilities.flatMap((visibility): Target[] => [
    { kind: 'new-repository', accountId: 1, visibility },
    { kind: 'new-repository', accountId: 2, visibility },
    ...[null, ...organizationRoles].map(
      (role): Target => ({
        kind: 'new-repository',
        accountId: 9,
        visibility,
        organization: { role, membersMayCreate: false },
      }),
    ),
  ]),
};

/** Where the row and the hand-written permissions differ first, in words; null: nowhere. */
export function disagreement(action: ActionName): string | null {
  const row = expected[action];
  for (const what of targets[actions[action].on]) {
    for (const siteAdmin of [false, true]) {
      const standing = accountMay(siteAdmin, row, what);
      const is = (grant: Grant): Decision =>
        ask({ kind: 'user', account: { id: self, login: 'somebody', siteAdmin }, grant }, action, what);
      const session = (sudo: boolean) => is({ kind: 'session', sessionId: 1, sudo }).allowed;
      if (session(true) !== standing) return `a session: ${said(what)}`;
      if (session(false) !== (standing && row.sudo !== true)) return `a session without sudo: ${said(what)}`;
      for (const mayChangeWorkflows of [false, true]) {
        const key = is({ kind: 'key', keyId: 1, mayChangeWorkflows }).allowed;
        if (key !== (standing && keyMay(mayChangeWorkflows, action))) return `an SSH key: ${said(what)}`;
      }
      for (const scopes of grants) {
        const found = tokenDisagreement(action, what, standing, siteAdmin, scopes, is);
        if (found !== null) return found;
      }
    }
    const nobodys: Target = 'role' in what ? { ...what, role: null } : what;
    const open = row.who === 'everybody' || (row.who === 'read or public' && isPublic(nobodys));
    if (!('organization' in nobodys) && ask(anonymous, action, nobodys).allowed !== open) {
      return `a stranger: ${said(nobodys)}`;
    }
    for (const readOnly of [false, true]) {
      const key = {
        kind: 'deploy-key',
        keyId: 1,
        repositoryId: 1,
        readOnly,
        mayChangeWorkflows: true,
      } as const;
      const reaches = row.who === 'read or public' || (row.who === 'write' && !readOnly);
      const may = what.kind === 'repository' && reaches && row.ssh === true;
      if (ask(key, action, what).allowed !== may) return `a deploy key: ${said(what)}`;
    }
    const application = {
      kind: 'application',
      application: { id: 1, clientId: 'one', name: 'builder' },
    } as const;
    const itself = what.kind === 'application' && what.clientId === 'one';
    const mayItself = itself && row.who === 'the application itself';
    if (ask(application, action, what).allowed !== mayItself) return `an application: ${said(what)}`;
    const header = acceptedScopes(action, what).join();
    const listed = recorded[action] ?? listedScopes(row, what).toSorted();
    if (header !== listed.join()) return `accepted scopes: ${header} for ${listed.join()}`;
  }
  return null;
}

function tokenDisagreement(
  action: ActionName,
  what: Target,
  standing: boolean,
  siteAdmin: boolean,
  scopes: Scopes,
  is: (grant: Grant) => Decision,
): string | null {
  const row = expected[action];
  const seen =
    what.kind !== 'repository' ||
    row.withoutReading === true ||
    (accountMay(siteAdmin, expected['repositories.read'], what) &&
      opens(scopes, expected['repositories.read'], what));
  const decision = is({ kind: 'scopes', tokenId: 1, tokenHash: new Uint8Array(32), scopes, expiresAt: null });
  const who = `a token with ${scopes.join() || 'nothing'}: ${said(what)}`;
  if (decision.allowed !== (standing && seen && opens(scopes, row, what))) return who;
  if (decision.allowed) return null;
  if (decision.because === 'invisible' && isPublic(what)) return `${who}: hidden`;
  if (decision.because !== 'scope-missing') return null;
  const status = what.kind === 'repository' || told.has(action) ? 403 : 404;
  const { statusCode } = refusalError(decision, action, { url: 'http://127.0.0.1' });
  return statusCode === status ? null : `${who}: ${statusCode}`;
}

function accountMay(siteAdmin: boolean, row: Expected, what: Target): boolean {
  switch (row.who) {
    case 'everybody':
      return true;
    case 'the account itself':
      return what.kind === 'account' && what.accountId === self;
    case 'who may make repositories there':
      if (what.kind !== 'new-repository') return false;
      return what.organization === undefined ? what.accountId === self : what.organization.role === 'owner';
    case 'site admins':
      return siteAdmin;
    case 'the application itself':
      return false;
    case 'members':
      return what.kind === 'organization' && what.role !== null;
    case 'owners':
      return what.kind === 'organization' && what.role === 'owner';
    case 'read or public':
      return what.kind === 'repository' && (isPublic(what) || what.role !== null);
    default:
      return what.kind === 'repository' && (what.role === 'admin' || what.role === row.who);
  }
}

function opens(scopes: Scopes, row: Expected, what: Target): boolean {
  if (row.tokens === 'any') return true;
  if (row.tokens === 'none') return false;
  const listed = row.tokens[hides(what) ? 'private' : 'public'];
  if (listed === 'any') return true;
  return scopes.some((scope) => (listed as readonly Scope[]).includes(scope));
}

function listedScopes({ tokens }: Expected, what: Target): readonly string[] {
  if (tokens === 'any' || tokens === 'none') return [];
  const listed = tokens[hides(what) ? 'private' : 'public'];
  return listed === 'any' ? [] : listed;
}

function keyMay(mayChangeWorkflows: boolean, action: ActionName): boolean {
  return expected[action].ssh === true && (action !== 'workflows.write' || mayChangeWorkflows);
}

const hides = (what: Target): boolean => 'visibility' in what && what.visibility !== 'public';
const isPublic = (what: Target): boolean => what.kind === 'repository' && what.visibility === 'public';
const said = (what: Target): string => JSON.stringify(what);
