// Tells who arrives that they were invited to something.
import type { JSX } from 'preact';
import type { Actor } from '../access/actor.ts';
import type { Context } from '../context.ts';
import { listInvitationsOf } from '../organizations/invitations.ts';
import { Notice } from '../web/parts.tsx';
import { listRepositoryInvitationsOf } from './invitations.ts';
import { listTransfersTo } from './transfer-requests.ts';

const MAX_COUNTED = 20;

/** Something waits for an answer; null: nothing does. */
export async function invitationNotice(
  ctx: Context,
  actor: Actor,
  accountId: number,
): Promise<JSX.Element | null> {
  const one = { page: 1, perPage: 1 };
  const repositories = await listRepositoryInvitationsOf(ctx, actor, accountId, one);
  const organizations = await listInvitationsOf(ctx, actor, accountId, one);
  const transfers = await listTransfersTo(ctx, accountId, MAX_COUNTED);
  const count = repositories.total + organizations.total + transfers.length;
  if (count === 0) return null;
  return (
    <Notice>
      {`You have ${count === 1 ? 'an invitation' : `${count} invitations`} to answer: `}
      <a href="/invitations">see who asks you for what</a>.
    </Notice>
  );
}
