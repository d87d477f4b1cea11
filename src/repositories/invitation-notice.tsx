// Tells who arrives that they were invited to something.
import type { JSX } from 'preact';
import type { Actor } from '../access/actor.ts';
import type { Context } from '../context.ts';
import { listInvitationsOf } from '../organizations/invitations.ts';
import { Notice } from '../web/parts.tsx';
import { listRepositoryInvitationsOf } from './invitations.ts';

/** Something waits for an answer; null: nothing does. */
export async function invitationNotice(
  ctx: Context,
  actor: Actor,
  accountId: number,
): Promise<JSX.Element | null> {
  const one = { page: 1, perPage: 1 };
  const repositories = await listRepositoryInvitationsOf(ctx, actor, accountId, one);
  const organizations = await listInvitationsOf(ctx, actor, accountId, one);
  const count = repositories.total + organizations.total;
  if (count === 0) return null;
  return (
    <Notice>
      {`You have ${count === 1 ? 'an invitation' : `${count} invitations`} to answer: `}
      <a href="/invitations">see who invites you to what</a>.
    </Notice>
  );
}
