// Lists with cursors, as GraphQL asks for them: organisations of somebody, members and teams of an organisation; pages
// by number: organizations.ts, members.ts, teams.ts.
import type { Actor } from '../access/actor.ts';
import type { Context } from '../context.ts';
import type { Window, Windowed } from '../db/windows.ts';
import type { Member } from './members.ts';
import type { Team } from './teams.ts';
import * as store from './window-store.ts';

/** A list between two of its rows, and how many it has in all. */
export interface WindowedList<T> {
  page(window: Window): Promise<Windowed<T>>;
  count(): Promise<number>;
}

/** The ids of those of which the account is a member, by name, as far as the caller's credential is let in. */
export function organizationsOf(
  ctx: Context,
  actor: Actor,
  accountId: number,
  asked: { readonly publicOnly: boolean },
): WindowedList<number> {
  return store.ofMember(ctx.db, actor, accountId, asked);
}

/** In the order of their accounts. */
export function membersOf(
  ctx: Context,
  organizationId: number,
  asked: { readonly publicOnly: boolean },
): WindowedList<Member> {
  return store.members(ctx.db, organizationId, asked);
}

/** By their addresses. @param query left out: all of them */
export function teamsOf(
  ctx: Context,
  organizationId: number,
  asked: { readonly query?: string; readonly direction: 'asc' | 'desc' },
): WindowedList<Team> {
  return store.teams(ctx.db, organizationId, asked);
}
