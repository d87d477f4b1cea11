import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Db, openDatabase } from '../db/database.ts';
import { allScopes, normalForm } from '../scopes/scopes.ts';
import { type ActionOn, actionNames, actions, type RepositoryRole, repositoryRoles } from './actions.ts';
import { type Actor, anonymous } from './actor.ts';
import { decide } from './decide.ts';
import { roleOfRank, standingRank, standingsIn } from './standing.ts';
import { type RepositoryTarget, type Visibility, visibilities } from './targets.ts';
import { listVisible } from './visible.ts';

const people = [1, 2, 3];
const repositoryActions = actionNames.filter(
  (name) => actions[name].on === 'repository',
) as ActionOn<'repository'>[];

interface Row {
  readonly id: number;
  readonly ownerId: number;
  readonly visibility: Visibility;
  /** Of collaborators. */
  readonly roles: ReadonlyMap<number, RepositoryRole>;
  /** Of the owner's team, if it is an organisation. */
  readonly teamRole: RepositoryRole | null;
}

interface Organization {
  readonly id: number;
  readonly members: ReadonlyMap<number, 'owner' | 'member'>;
  readonly base: 'none' | RepositoryRole;
  readonly allowsTokens: boolean;
  /** Who is in its one team. */
  readonly team: readonly number[];
}

const organizations: readonly Organization[] = [
  {
    id: 8,
    members: new Map([
      [1, 'owner'],
      [2, 'member'],
    ]),
    base: 'read',
    allowsTokens: true,
    team: [2],
  },
  {
    id: 9,
    members: new Map([
      [1, 'member'],
      [3, 'owner'],
    ]),
    base: 'none',
    allowsTokens: false,
    team: [1, 2],
  },
];

let db: Db;
let rows: Row[];

beforeAll(async () => {
  db = await openDatabase(':memory:');
  const account = (id: number, kind: 'user' | 'organization') =>
    db
      .insertInto('accounts')
      .values({ id, kind, login: `p${id}`, login_key: `p${id}`, created_at: 0, updated_at: 0 })
      .execute();
  for (const id of people) await account(id, 'user');
  for (const { id, members, base, allowsTokens, team } of organizations) {
    await account(id, 'organization');
    await db
      .insertInto('organizations')
      .values({ account_id: id, base_permission: base, allows_classic_tokens: allowsTokens ? 1 : 0 })
      .execute();
    for (const [account_id, role] of members) {
      await db
        .insertInto('organization_members')
        .values({ organization_id: id, account_id, role, created_at: 0 })
        .execute();
    }
    await db
      .insertInto('teams')
      .values({ id, organization_id: id, name: 'team', slug: 'team', created_at: 0, updated_at: 0 })
      .execute();
    for (const account_id of team) {
      await db.insertInto('team_members').values({ team_id: id, account_id, created_at: 0 }).execute();
    }
  }
  // Every combination of owner, visibility and a role of two others or the team, or none.
  rows = [];
  for (const ownerId of [...people, ...organizations.map(({ id }) => id)]) {
    for (const visibility of visibilities) {
      for (const first of [null, ...repositoryRoles]) {
        for (const second of [null, ...repositoryRoles]) {
          const isOwned = people.includes(ownerId);
          const [one = 0, two = 0] = people.filter((person) => person !== ownerId);
          const roles = new Map<number, RepositoryRole>();
          if (first !== null) roles.set(one, first);
          if (second !== null && isOwned) roles.set(two, second);
          rows.push({
            id: rows.length + 1,
            ownerId,
            visibility,
            roles,
            teamRole: isOwned ? null : second,
          });
        }
      }
    }
  }
  for (const row of rows) {
    const name = `r${row.id}`;
    await db
      .insertInto('repositories')
      .values({
        id: row.id,
        owner_id: row.ownerId,
        name,
        name_key: name,
        visibility: row.visibility,
        default_branch: 'main',
        created_at: 0,
        updated_at: 0,
      })
      .execute();
    for (const [account_id, role] of row.roles) {
      await db
        .insertInto('collaborators')
        .values({ repository_id: row.id, account_id, role, created_at: 0 })
        .execute();
    }
    if (row.teamRole !== null) {
      await db
        .insertInto('team_repositories')
        .values({ team_id: row.ownerId, repository_id: row.id, role: row.teamRole, created_at: 0 })
        .execute();
    }
  }
});

afterAll(() => db.destroy());

const actor: fc.Arbitrary<Actor> = fc.oneof(
  fc.constant(anonymous),
  fc.constant<Actor>({ kind: 'application', application: { id: 1, clientId: 'a', name: 'builder' } }),
  fc.record({
    kind: fc.constant('user' as const),
    account: fc.record({
      id: fc.constantFrom(...people),
      login: fc.constant('somebody'),
      siteAdmin: fc.boolean(),
    }),
    grant: fc.oneof(
      fc.record({ kind: fc.constant('session' as const), sessionId: fc.constant(1), sudo: fc.boolean() }),
      fc
        .tuple(fc.subarray([...allScopes], { maxLength: 3 }), fc.boolean())
        .map(([scopes, isApplications]) => ({
          kind: 'scopes' as const,
          tokenId: 1,
          tokenHash: new Uint8Array(32),
          scopes: normalForm(scopes),
          expiresAt: null,
          ...(isApplications ? { application: { id: 1, clientId: '0'.repeat(20), name: 'builder' } } : {}),
        })),
    ),
  }),
);

function signedIn(id: number): Actor {
  return {
    kind: 'user',
    account: { id, login: `p${id}`, siteAdmin: false },
    grant: { kind: 'session', sessionId: 1, sudo: true },
  };
}

/** Every way to a role, counted by hand. */
function roleIn(row: Row, caller: Actor): RepositoryRole | null {
  if (caller.kind !== 'user') return null;
  const { id } = caller.account;
  const organization = organizations.find((some) => some.id === row.ownerId);
  const roles: (RepositoryRole | 'none' | null | undefined)[] = [row.roles.get(id)];
  if (row.ownerId === id || organization?.members.get(id) === 'owner') roles.push('admin');
  if (organization?.members.get(id) === 'member') roles.push(organization.base);
  if (organization?.team.includes(id) === true) roles.push(row.teamRole);
  if (row.visibility === 'internal') roles.push('read');
  return repositoryRoles.findLast((role) => roles.includes(role)) ?? null;
}

function asTarget(row: Row, caller: Actor): RepositoryTarget {
  const isClosed = organizations.some((some) => some.id === row.ownerId && !some.allowsTokens);
  return {
    kind: 'repository',
    repositoryId: row.id,
    visibility: row.visibility,
    role: roleIn(row, caller),
    closedToTokens: isClosed ? 'p9' : null,
  };
}

it('gives everybody the highest role that any of their ways to it gives', async () => {
  for (const id of people) {
    const ranks = await db
      .selectFrom('repositories')
      .select(['id', standingRank(id).as('rank')])
      .orderBy('id')
      .execute();
    const caller = signedIn(id);
    expect(ranks.map(({ rank }) => roleOfRank(Number(rank)))).toEqual(rows.map((row) => roleIn(row, caller)));
  }
});

it('lists as people of a repository exactly those who have a role in it by themselves', async () => {
  for (const row of rows) {
    const { rows: listed } = await sql<{ account_id: number; standing: number }>`
      SELECT account_id, max(standing) AS standing FROM ${standingsIn(row.id)} AS ways
      GROUP BY account_id HAVING max(standing) > 0 ORDER BY account_id`.execute(db);
    // What internal visibility gives everybody makes nobody one of its people.
    const owned = { ...row, visibility: 'private' as const };
    const expected = people.flatMap((id) => {
      const role = roleIn(owned, signedIn(id));
      return role === null ? [] : [[id, role]];
    });
    expect(listed.map(({ account_id, standing }) => [account_id, roleOfRank(standing)])).toEqual(expected);
  }
});

it('lists exactly the repositories for which the decision is "allowed"', async () => {
  await fc.assert(
    fc.asyncProperty(actor, fc.constantFrom(...repositoryActions), async (caller, action) => {
      const told: number[] = [];
      const ask = (_actor: unknown, _action: unknown, target: { readonly repositoryId: number }) => {
        told.push(target.repositoryId);
        return { allowed: true };
      };
      const { items } = await listVisible({ actor: caller, ask: ask as never }, action, async (visible) => {
        const listed = await db
          .selectFrom('repositories')
          .select('id')
          .where(visible)
          .orderBy('id')
          .execute();
        const shown = rows.filter((row) => listed.some(({ id }) => id === row.id));
        return { items: shown.map((row) => asTarget(row, caller)) };
      });
      const decided = rows.filter((row) => decide(caller, action, asTarget(row, caller)).allowed);
      expect(items.map((item) => item.repositoryId)).toEqual(decided.map((row) => row.id));
      // Each one that is shown is told as a use.
      expect(told).toEqual(decided.map((row) => row.id));
    }),
    { numRuns: 500 },
  );
});
