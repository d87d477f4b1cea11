import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Db, openDatabase } from '../db/database.ts';
import { allScopes, normalForm } from '../scopes/scopes.ts';
import { type ActionOn, actionNames, actions, type RepositoryRole, repositoryRoles } from './actions.ts';
import { type Actor, anonymous } from './actor.ts';
import { decide } from './decide.ts';
import { visible } from './visible.ts';

const people = [1, 2, 3];
const repositoryActions = actionNames.filter(
  (name) => actions[name].on === 'repository',
) as ActionOn<'repository'>[];

interface Row {
  readonly id: number;
  readonly ownerId: number;
  readonly visibility: 'public' | 'private';
  readonly roles: ReadonlyMap<number, RepositoryRole>;
}

let db: Db;
let rows: Row[];

beforeAll(async () => {
  db = await openDatabase(':memory:');
  for (const id of people) {
    await db
      .insertInto('accounts')
      .values({ id, kind: 'user', login: `p${id}`, login_key: `p${id}`, created_at: 0, updated_at: 0 })
      .execute();
  }
  // Every combination of owner, visibility and a role of the two others, or none.
  rows = [];
  for (const ownerId of people) {
    for (const visibility of ['public', 'private'] as const) {
      for (const first of [null, ...repositoryRoles]) {
        for (const second of [null, ...repositoryRoles]) {
          const [one = 0, two = 0] = people.filter((person) => person !== ownerId);
          const roles = new Map<number, RepositoryRole>();
          if (first !== null) roles.set(one, first);
          if (second !== null) roles.set(two, second);
          rows.push({ id: rows.length + 1, ownerId, visibility, roles });
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
  }
});

afterAll(() => db.destroy());

const actor: fc.Arbitrary<Actor> = fc.oneof(
  fc.constant(anonymous),
  fc.record({
    kind: fc.constant('user' as const),
    account: fc.record({
      id: fc.constantFrom(...people),
      login: fc.constant('somebody'),
      siteAdmin: fc.boolean(),
    }),
    grant: fc.oneof(
      fc.constant({ kind: 'session' as const, sessionId: 1 }),
      fc.subarray([...allScopes], { maxLength: 3 }).map((scopes) => ({
        kind: 'scopes' as const,
        tokenId: 1,
        scopes: normalForm(scopes),
        expiresAt: null,
      })),
    ),
  }),
);

function roleIn(row: Row, caller: Actor): RepositoryRole | null {
  if (caller.kind === 'anonymous') return null;
  return row.ownerId === caller.account.id ? 'admin' : (row.roles.get(caller.account.id) ?? null);
}

it('lists exactly the repositories for which the decision is "allowed"', async () => {
  await fc.assert(
    fc.asyncProperty(actor, fc.constantFrom(...repositoryActions), async (caller, action) => {
      const listed = await db
        .selectFrom('repositories')
        .select('id')
        .where(visible(caller, action))
        .orderBy('id')
        .execute();
      const decided = rows.filter(
        (row) =>
          decide(caller, action, {
            kind: 'repository',
            repositoryId: row.id,
            visibility: row.visibility,
            role: roleIn(row, caller),
          }).allowed,
      );
      expect(listed.map((row) => row.id)).toEqual(decided.map((row) => row.id));
    }),
    { numRuns: 500 },
  );
});
