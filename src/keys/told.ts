// What people are told of keys: that one was added to their account, or by them to a repository.
import type { Acting } from '../context.ts';
import type { Db } from '../db/database.ts';
import { doneBy } from '../mail/doers.ts';
import { notify } from '../mail/notices.ts';
import type { Key } from './keys.ts';

/** @param db the transaction that adds the key */
export async function tellAdded(ctx: Acting, db: Db, key: Key): Promise<void> {
  const { holder } = key;
  const isPersons = holder.kind === 'person';
  const accountId = isPersons ? holder.account.id : (ctx.by.account?.id ?? null);
  if (accountId === null) return;
  const access = key.readOnly ? 'to read' : 'to read and write';
  await notify(ctx, db, {
    accountId,
    subject: isPersons ? 'An SSH key was added' : `A deploy key was added to ${holder.repository.name}`,
    text: isPersons
      ? `An SSH key was added to your account: “${key.title}”.`
      : `A deploy key was added to ${holder.repository.name}, ${access}: “${key.title}”.`,
    facts: [['Title', key.title], ['Fingerprint', key.fingerprint], ...doneBy(ctx)],
    path: isPersons ? '/settings/keys' : `/${holder.repository.name}/settings/keys`,
    advice:
      'If this was not you, delete the key on the page above, change your password, and look at your tokens.',
  });
}
