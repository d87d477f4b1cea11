import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allScopes, normalForm, type Scope, type Scopes, satisfies } from '../scopes/scopes.ts';
import { type ActionName, actionNames, actions, organizationRoles, repositoryRoles } from './actions.ts';
import { type Actor, type ActorAccount, anonymous } from './actor.ts';
import { type Decision, decide } from './decide.ts';
import { type Expected, expected } from './expected.ts';
import { instance, type Target, visibilities } from './targets.ts';

const ask = decide as (actor: Actor, action: ActionName, target: Target) => Decision;

const account = fc.record({
  id: fc.integer({ min: 1, max: 3 }),
  login: fc.constant('somebody'),
  siteAdmin: fc.boolean(),
});
const someScopes = fc.subarray([...allScopes]).map((scopes): Scopes => normalForm(scopes));
const visibility = fc.constantFrom(...visibilities);
const closedToTokens = fc.constantFrom(null, null, 'acme');

const target: fc.Arbitrary<Target> = fc.oneof(
  fc.constant<Target>(instance),
  fc.record({ kind: fc.constant('account' as const), accountId: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('application' as const), clientId: fc.constantFrom('one', 'two') }),
  fc.record({
    kind: fc.constant('repository' as const),
    repositoryId: fc.constant(1),
    visibility,
    role: fc.constantFrom(null, ...repositoryRoles),
    closedToTokens,
  }),
  fc.record({
    kind: fc.constant('organization' as const),
    organizationId: fc.constant(9),
    role: fc.constantFrom(null, ...organizationRoles),
    closedToTokens,
  }),
  fc.record({
    kind: fc.constant('organization' as const),
    organizationId: fc.constant(9),
    role: fc.constantFrom(null, ...organizationRoles),
    membersOnly: fc.constant(true as const),
  }),
  fc.record({
    kind: fc.constant('new-repository' as const),
    accountId: fc.integer({ min: 1, max: 3 }),
    visibility,
  }),
  fc.record({
    kind: fc.constant('new-repository' as const),
    accountId: fc.constant(9),
    visibility,
    organization: fc.record({
      role: fc.constantFrom(null, ...organizationRoles),
      membersMayCreate: fc.boolean(),
    }),
    closedToTokens,
  }),
);

/** An action and a target of the kind that it is done to. */
const question = target.chain((what) =>
  fc.record({
    what: fc.constant(what),
    action: fc.constantFrom(...actionNames.filter((name) => actions[name].on === what.kind)),
  }),
);

function token(who: ActorAccount, scopes: Scopes): Actor {
  const grant = {
    kind: 'scopes',
    tokenId: 1,
    tokenHash: new Uint8Array(32),
    scopes,
    expiresAt: null,
  } as const;
  return { kind: 'user', account: who, grant };
}

function session(who: ActorAccount, sudo = true): Actor {
  return { kind: 'user', account: who, grant: { kind: 'session', sessionId: 1, sudo } };
}

function key(who: ActorAccount, mayChangeWorkflows: boolean): Actor {
  return { kind: 'user', account: who, grant: { kind: 'key', keyId: 1, mayChangeWorkflows } };
}

const deployKey = fc.record({
  kind: fc.constant('deploy-key' as const),
  keyId: fc.constant(1),
  repositoryId: fc.constantFrom(1, 2),
  readOnly: fc.boolean(),
  mayChangeWorkflows: fc.boolean(),
});

/** Roles come with an account: nobody anonymous has one. */
function asSeenByNobody(what: Target): Target {
  if (what.kind === 'new-repository' && what.organization !== undefined) {
    return { ...what, organization: { ...what.organization, role: null } };
  }
  return 'role' in what ? { ...what, role: null } : what;
}

/** The hand-written table's answer to whether the account itself may. */
function accountMay(who: ActorAccount | null, row: Expected, what: Target): boolean {
  // ghes-spec 5.2 row 8: what the account can't see is not there.
  if (what.kind === 'organization' && what.membersOnly === true && what.role === null) return false;
  switch (row.who) {
    case 'everybody':
      return true;
    case 'the account itself':
      return who !== null && what.kind === 'account' && what.accountId === who.id;
    case 'who may make repositories there': {
      if (what.kind !== 'new-repository' || who === null) return false;
      if (what.organization === undefined) return what.accountId === who.id;
      const { role, membersMayCreate } = what.organization;
      return role === 'owner' || (role === 'member' && membersMayCreate);
    }
    case 'the application itself':
      return false;
    case 'site admins':
      return who?.siteAdmin === true;
    case 'members':
      return what.kind === 'organization' && what.role !== null;
    case 'owners':
      return what.kind === 'organization' && what.role === 'owner';
    default: {
      if (what.kind !== 'repository') return false;
      if (row.who === 'read or public') return what.visibility === 'public' || what.role !== null;
      return what.role === 'admin' || what.role === row.who;
    }
  }
}

/** The hand-written table's answer to whether the credential opens it. */
function credentialMay(scopes: Scopes, row: Expected, what: Target): boolean {
  if (row.tokens === 'any') return true;
  if (row.tokens === 'none') return false;
  const hidden = 'visibility' in what && what.visibility !== 'public';
  const listed = hidden ? row.tokens.private : row.tokens.public;
  if (listed === 'any') return true;
  return scopes.some((scope) => (listed as readonly Scope[]).includes(scope));
}

/** ghes-spec 5.2 row 14, 1.6: an organisation that is closed to them still shows tokens what is public. */
function letsTokensIn(row: Expected, what: Target): boolean {
  if (!('closedToTokens' in what) || what.closedToTokens === null) return true;
  if (row.who === 'everybody') return true;
  return row.who === 'read or public' && what.kind === 'repository' && what.visibility === 'public';
}

/** The hand-written answer as a whole: on a repository, reading it comes first (ghes-spec 5.2 row 8). */
function tokenMay(
  who: ActorAccount | null,
  scopes: Scopes,
  action: keyof typeof expected,
  what: Target,
): boolean {
  const may = (row: Expected) => accountMay(who, row, what) && credentialMay(scopes, row, what);
  const row = expected[action];
  const isSeen =
    what.kind !== 'repository' || row.withoutReading === true || may(expected['repositories.read']);
  return may(row) && isSeen && (who === null || letsTokensIn(row, what));
}

/** ghes-spec 7: keys are for git; 15 row 27: not all may change workflow files. */
function keyMay(mayChangeWorkflows: boolean, action: keyof typeof expected): boolean {
  return expected[action].ssh === true && (action !== 'workflows.write' || mayChangeWorkflows);
}

describe('the one decision', () => {
  it('allows exactly what the hand-written permissions say, for every credential', () => {
    fc.assert(
      fc.property(
        question,
        account,
        someScopes,
        fc.boolean(),
        ({ what, action }, who, scopes, mayChangeWorkflows) => {
          const row = expected[action];
          const nobodys = asSeenByNobody(what);
          expect(ask(anonymous, action, nobodys).allowed).toBe(tokenMay(null, [], action, nobodys));
          expect(ask(session(who), action, what).allowed).toBe(accountMay(who, row, what));
          expect(ask(session(who, false), action, what).allowed).toBe(
            accountMay(who, row, what) && row.sudo !== true,
          );
          expect(ask(token(who, scopes), action, what).allowed).toBe(tokenMay(who, scopes, action, what));
          expect(ask(key(who, mayChangeWorkflows), action, what).allowed).toBe(
            accountMay(who, row, what) && keyMay(mayChangeWorkflows, action),
          );
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('lets a deploy key into its one repository, to read, and to write if it may, and nowhere else', () => {
    fc.assert(
      fc.property(question, deployKey, ({ what, action }, actor) => {
        const row = expected[action];
        const isIts = what.kind === 'repository' && what.repositoryId === actor.repositoryId;
        const role = actor.readOnly ? 'read' : 'write';
        const reaches = row.who === 'read or public' || row.who === role;
        const may = isIts && reaches && keyMay(actor.mayChangeWorkflows, action);
        expect([action, ask(actor, action, what).allowed]).toEqual([action, may]);
      }),
      { numRuns: 3000 },
    );
  });

  it('lets an application do what is for it alone, and nothing that is for people or for everybody', () => {
    fc.assert(
      fc.property(question, fc.constantFrom('one', 'two'), ({ what, action }, clientId) => {
        const actor: Actor = { kind: 'application', application: { id: 1, clientId, name: 'builder' } };
        const isItself = what.kind === 'application' && what.clientId === clientId;
        const may = isItself && expected[action].who === 'the application itself';
        expect([action, ask(actor, action, what).allowed]).toEqual([action, may]);
      }),
      { numRuns: 3000 },
    );
  });

  it('tells nobody which applications there are', () => {
    const what: Target = { kind: 'application', clientId: 'one' };
    const another: Actor = {
      kind: 'application',
      application: { id: 2, clientId: 'two', name: 'another' },
    };
    const who = { id: 1, login: 'somebody', siteAdmin: true };
    for (const actor of [session(who), token(who, normalForm(allScopes)), another]) {
      expect(ask(actor, 'application-tokens.manage', what)).toEqual({ allowed: false, because: 'invisible' });
    }
    expect(ask(anonymous, 'application-tokens.manage', what)).toMatchObject({ because: 'unauthenticated' });
  });

  it('asks a person for a proof only where the hand-written permissions say so', () => {
    fc.assert(
      fc.property(question, account, ({ what, action }, who) => {
        const decision = ask(session(who, false), action, what);
        const lacks = !decision.allowed && decision.because === 'sudo-required';
        expect(lacks).toBe(accountMay(who, expected[action], what) && expected[action].sudo === true);
      }),
      { numRuns: 2000 },
    );
  });

  it('tells which scopes were needed, and no other', () => {
    fc.assert(
      fc.property(question, account, someScopes, ({ what, action }, who, scopes) => {
        const decision = ask(token(who, scopes), action, what);
        if (!decision.allowed) return;
        expect(ask(token(who, normalForm(decision.used)), action, what).allowed).toBe(true);
        expect(decision.used.every((scope) => satisfies(scopes, [scope]))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('gives a token of exactly one scope what the hand-written permissions give that scope', () => {
    for (const action of actionNames) {
      for (const scope of [...allScopes, null]) {
        for (const what of fc.sample(
          target.filter((some) => some.kind === actions[action].on),
          12,
        )) {
          const who: ActorAccount = { id: 1, login: 'somebody', siteAdmin: true };
          const scopes = scope === null ? [] : [scope];
          const allowed = tokenMay(who, scopes, action, what);
          expect([action, scope, what, ask(token(who, scopes), action, what).allowed]).toEqual([
            action,
            scope,
            what,
            allowed,
          ]);
        }
      }
    }
  });

  it('never lets a token do more than its owner may when signed in', () => {
    fc.assert(
      fc.property(question, account, someScopes, ({ what, action }, who, scopes) => {
        if (ask(token(who, scopes), action, what).allowed) {
          expect(ask(session(who), action, what).allowed).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('never takes from a wider token what a narrower one may', () => {
    fc.assert(
      fc.property(question, account, someScopes, someScopes, ({ what, action }, who, some, more) => {
        if (ask(token(who, some), action, what).allowed) {
          expect(ask(token(who, normalForm([...some, ...more])), action, what).allowed).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('never takes from a higher role what a lower one may', () => {
    fc.assert(
      fc.property(question, account, someScopes, ({ what, action }, who, scopes) => {
        if (what.kind !== 'repository' || !ask(token(who, scopes), action, what).allowed) return;
        const higher = repositoryRoles.slice(what.role === null ? 0 : repositoryRoles.indexOf(what.role));
        for (const role of higher)
          expect(ask(token(who, scopes), action, { ...what, role }).allowed).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('tells a caller nothing but "invisible" of a private repository that the caller may not read', () => {
    fc.assert(
      fc.property(question, account, someScopes, ({ what, action }, who, scopes) => {
        if (what.kind !== 'repository' || what.visibility === 'public') return;
        if (expected[action].withoutReading === true) return;
        // An organisation that keeps tokens away says so to who could read otherwise.
        const open = { ...what, closedToTokens: null };
        for (const caller of [anonymous, token(who, scopes), session(who)]) {
          const here = caller.kind === 'anonymous' ? asSeenByNobody(open) : open;
          if (ask(caller, 'repositories.read', here).allowed) continue;
          expect(ask(caller, action, here)).toEqual({ allowed: false, because: 'invisible' });
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('names the missing scope to a token that lacks only that, where the target is visible', () => {
    const who: ActorAccount = { id: 1, login: 'somebody', siteAdmin: false };
    const shown: Target = { kind: 'repository', repositoryId: 1, visibility: 'public', role: 'admin' };
    expect(ask(token(who, []), 'contents.write', shown)).toEqual({
      allowed: false,
      because: 'scope-missing',
      accepted: ['public_repo'],
      refusal: 'Must have push access to repository',
    });
    expect(ask(token(who, ['public_repo']), 'contents.write', shown)).toEqual({
      allowed: true,
      used: ['public_repo'],
    });
    expect(
      ask(token(who, ['repo']), 'repositories.delete', { ...shown, visibility: 'private' }),
    ).toMatchObject({
      because: 'scope-missing',
      accepted: ['delete_repo'],
    });
  });

  it('refuses to decide on a target of another kind', () => {
    expect(() => ask(anonymous, 'contents.read', instance)).toThrow(TypeError);
  });
});
