// Somebody's own memberships: those that hold, and those that they were asked to take.
import type { OrganizationRole } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { isLogin, loginKey } from '../accounts/logins.ts';
import type { Context } from '../context.ts';
import * as invitations from './invitation-store.ts';
import { askedAs } from './invitations.ts';
import type { Listed, Organization, Paging } from './organizations.ts';
import * as store from './store.ts';

export interface OwnMembership {
  readonly organization: Organization;
  readonly role: OrganizationRole;
  /** `pending`: the invitation was not answered yet. */
  readonly state: 'active' | 'pending';
}

/** Of the invitations, which come behind the memberships, no more are listed. */
const MAX_PENDING = 100;

/** As far as the caller's credential is let in. @param state null: both */
export async function listOwnMemberships(
  ctx: Context,
  actor: Actor,
  accountId: number,
  state: OwnMembership['state'] | null,
  { page, perPage }: Paging,
): Promise<Listed<OwnMembership>> {
  const active =
    state === 'pending'
      ? { items: [], total: 0 }
      : await store.ofMember(ctx.db, actor, accountId, { page, perPage });
  const pending =
    state === 'active'
      ? []
      : (
          await invitations.ofInvitee(ctx.db, actor, await askedAs(ctx.db, accountId), {
            page: 1,
            perPage: MAX_PENDING,
          })
        ).items;
  const from = Math.max(0, (page - 1) * perPage - active.total);
  const room = perPage - active.items.length;
  return {
    items: [
      ...active.items.map((item) => ({ ...item, state: 'active' as const })),
      ...pending.slice(from, from + room).map(({ organization, role }) => ({
        organization,
        role,
        state: 'pending' as const,
      })),
    ],
    total: active.total + pending.length,
  };
}

/** In one organisation; null: none, or the caller's credential is not let in there. */
export async function findOwnMembership(
  ctx: Context,
  actor: Actor,
  accountId: number,
  login: string,
): Promise<OwnMembership | null> {
  if (!isLogin(login)) return null;
  const only = { page: 1, perPage: 1, loginKey: loginKey(login) };
  const [active] = (await store.ofMember(ctx.db, actor, accountId, only)).items;
  if (active !== undefined) return { ...active, state: 'active' };
  const [pending] = (await invitations.ofInvitee(ctx.db, actor, await askedAs(ctx.db, accountId), only))
    .items;
  if (pending === undefined) return null;
  return { organization: pending.organization, role: pending.role, state: 'pending' };
}
