// What people are told when something changes by which they prove who they are: whoever took an account over would
// begin with it. In the transaction that makes the change.
import type { Acting } from '../context.ts';
import type { Db } from '../db/database.ts';
import { doneBy } from '../mail/doers.ts';
import type { Fact } from '../mail/letters.ts';
import { notify } from '../mail/notices.ts';

export type SecurityChange =
  | 'password-changed'
  | 'email-changed'
  | 'factor-added'
  | 'factor-removed'
  | 'two-factor-disabled'
  | 'recovery-codes-replaced';

const sentences: Readonly<Record<SecurityChange, readonly [subject: string, text: string]>> = {
  'password-changed': ['Your password was changed', 'The password of your account was changed.'],
  'email-changed': [
    'Your email address was changed',
    'The email address of your account was changed. Mail goes to the new one from now on.',
  ],
  'factor-added': ['A second factor was added', 'A second factor was added to your account.'],
  'factor-removed': ['A second factor was removed', 'A second factor was removed from your account.'],
  'two-factor-disabled': [
    'Your account has no second factor any more',
    'The last second factor of your account was removed: the password alone suffices to sign in.',
  ],
  'recovery-codes-replaced': [
    'Your recovery codes were replaced',
    'The recovery codes of your account were replaced. The former ones are dead.',
  ],
};

/** @param more further facts, never a secret; `to`: another address than the present one */
export async function tellSecurity(
  ctx: Acting,
  db: Db,
  accountId: number,
  change: SecurityChange,
  more: { readonly facts?: readonly Fact[]; readonly to?: string } = {},
): Promise<void> {
  const [subject, text] = sentences[change];
  const { facts = [], to } = more;
  await notify(ctx, db, {
    accountId,
    subject,
    text,
    facts: [...facts, ...doneBy(ctx)],
    path: '/settings/security',
    advice:
      'If this was not you, change your password at once and look at your sessions, tokens and keys. ' +
      'If you can’t sign in, ask the administrators of this server.',
    ...(to === undefined ? {} : { to }),
  });
}
