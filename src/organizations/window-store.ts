// The SQL of the lists with cursors that are about organisations.
import { type SelectQueryBuilder, sql } from 'kysely';
import type { Actor } from '../access/actor.ts';
import { letsIn } from '../access/visible.ts';
import type { Db } from '../db/database.ts';
import { countRows, type Order, rowsInWindow } from '../db/windows.ts';
import { everyMember, memberColumns, toMember } from './member-store.ts';
import type { Member } from './members.ts';
import { everyTeam, teamColumns, toTeam } from './team-store.ts';
import type { Team } from './teams.ts';
import type { WindowedList } from './windows.ts';

function listed<DB, TB extends keyof DB, O, T>(
  query: SelectQueryBuilder<DB, TB, O>,
  order: Order,
  shown: (row: O) => T,
): WindowedList<T> {
  return {
    count: () => countRows(query),
    page: async (window) => {
      const { items, ...more } = await rowsInWindow(query, order, window);
      return { ...more, items: items.map(({ item, position }) => ({ item: shown(item), position })) };
    },
  };
}

export function ofMember(
  db: Db,
  actor: Actor,
  accountId: number,
  { publicOnly }: { readonly publicOnly: boolean },
): WindowedList<number> {
  const theirs = db
    .selectFrom('organizations')
    .innerJoin('accounts', 'accounts.id', 'organizations.account_id')
    .innerJoin('organization_members', 'organization_members.organization_id', 'organizations.account_id')
    .where('organization_members.account_id', '=', accountId)
    // What is public is public to tokens too (ghes-spec 1.6).
    .$if(publicOnly, (query) => query.where('organization_members.is_public', '=', 1))
    .$if(!publicOnly, (query) => query.where(letsIn(actor)))
    .select('accounts.id');
  const order: Order = {
    by: sql<string>`accounts.login_key`,
    kind: 'text',
    id: sql<number>`accounts.id`,
    direction: 'asc',
  };
  return listed(theirs, order, ({ id }) => id);
}

export function members(
  db: Db,
  organizationId: number,
  { publicOnly }: { readonly publicOnly: boolean },
): WindowedList<Member> {
  const chosen = everyMember(db)
    .where('organization_members.organization_id', '=', organizationId)
    .$if(publicOnly, (query) => query.where('organization_members.is_public', '=', 1))
    .select(memberColumns);
  const id = sql<number>`accounts.id`;
  return listed(chosen, { by: id, kind: 'number', id, direction: 'asc' }, toMember);
}

export function teams(
  db: Db,
  organizationId: number,
  { query, direction }: { readonly query?: string; readonly direction: 'asc' | 'desc' },
): WindowedList<Team> {
  const pattern = `%${(query ?? '').toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  const chosen = everyTeam(db)
    .where('teams.organization_id', '=', organizationId)
    .$if(query !== undefined, (all) => all.where(sql<boolean>`lower(teams.name) LIKE ${pattern} ESCAPE '\\'`))
    .select(teamColumns);
  const order: Order = {
    by: sql<string>`teams.slug`,
    kind: 'text',
    id: sql<number>`teams.id`,
    direction,
  };
  return listed(chosen, order, toTeam);
}
