// Telling people that they were asked to join something: a repository or an organisation.
import type { Acting } from '../context.ts';
import type { Db } from '../db/database.ts';
import { notify } from './notices.ts';

/**
 * Call it once for an invitation, not when it is changed.
 * @param db the transaction that invites
 * @param invitation `to`: `owner/name` or an organisation's login; `by`: the login of who invites
 */
export function tellInvited(
  ctx: Acting,
  db: Db,
  accountId: number,
  { to, by }: { readonly to: string; readonly by: string },
): Promise<void> {
  return notify(ctx, db, {
    accountId,
    subject: `${by} invites you to ${to}`,
    text: `${by} invites you to ${to}.`,
    path: '/invitations',
    fromOthers: true,
    advice:
      'If you do not know what this is about, decline it, or leave it: nothing happens unless you accept.',
  });
}
