// The rules of deploy keys (ghes-spec 7.1): nobody's keys, each good for one repository, to read or to read and
// write. They can't be changed, only deleted and made again.
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import type { Outcome } from '../problems.ts';
import {
  approve,
  insertKey,
  type Key,
  type KeyPage,
  type KeysListed,
  type NewKey,
  recordKey,
  removeKey,
} from './keys.ts';
import * as store from './store.ts';

export interface NewDeployKey extends NewKey {
  readonly readOnly: boolean;
}

export function addDeployKey(ctx: Acting, repositoryId: number, wanted: NewDeployKey): Promise<Outcome<Key>> {
  return insertKey(ctx, wanted, { accountId: null, repositoryId, readOnly: wanted.readOnly });
}

/** The oldest first. */
export function listDeployKeys(ctx: Context, repositoryId: number, page: KeyPage): Promise<KeysListed> {
  return store.page(ctx.db, { repositoryId }, page);
}

export function findDeployKey(ctx: Context, repositoryId: number, id: number): Promise<Key | null> {
  return store.find(ctx.db, { repositoryId }, id);
}

/** @returns null when there was none */
export function deleteDeployKey(ctx: Acting, repositoryId: number, id: number): Promise<Key | null> {
  return removeKey(ctx, { repositoryId }, id);
}

/** Lets an unverified key in. @returns null when there is no such key */
export function verifyDeployKey(ctx: Acting, repositoryId: number, id: number): Promise<Key | null> {
  return approve(ctx, { repositoryId }, id);
}

/**
 * Deletes the deploy keys that these tokens made: they go with the token, and only when it is deleted. Expiry,
 * regeneration and loss of access delete none (ghes-spec 3, 16.9, 16.10). Of tokens by which a site admin acted as
 * somebody, the keys that they added to that person go as well: nothing that gives lasting access outlives them.
 * @param db the transaction that deletes the tokens
 */
export async function deleteKeysOfTokens(
  ctx: Acting,
  db: Db,
  tokens: { readonly personal: readonly number[]; readonly impersonating: readonly number[] },
): Promise<void> {
  const keys = [
    ...(await store.deployKeysOfTokens(db, tokens.personal)),
    ...(await store.keysOfTokens(db, tokens.impersonating)),
  ];
  await store.remove(
    db,
    keys.map((key) => key.id),
  );
  for (const key of keys) await recordKey(ctx, db, 'delete', key, { explanation: 'token_deleted' });
}
