// From a key that somebody proved to hold to who is calling. Nothing is cached: it is asked when a connection is
// made and again for each command on it, so that a deleted key is dead from the very next command on.
import type { Actor } from '../access/actor.ts';
import type { Context } from '../context.ts';
import { fingerprintOf } from './public-key.ts';
import * as store from './store.ts';

export interface KeyCredential {
  readonly keyId: number;
  /** `TYPE BASE64`. */
  readonly key: string;
  /** How the person or repository is called in the greeting: `ada`, `ada/plans` (ghes-spec 7.4). */
  readonly name: string;
  readonly actor: Actor;
  /**
   * The key is good, but its owner was suspended by an administrator. Then every credential is refused (ghes-spec 3); a
   * deploy key is its repository's, so it is the repository's owner who counts, not the person who added it (7.1).
   */
  readonly suspended: boolean;
  /** Milliseconds since 1970; null: never. */
  readonly lastUsedAt: number | null;
}

/** Whose key is it? Null: nobody's, or it was not approved yet. @param blob the key in wire form */
export async function credentialOfKey(ctx: Context, blob: Uint8Array): Promise<KeyCredential | null> {
  const row = await store.credential(ctx.db, { fingerprint: fingerprintOf(blob) }, ctx.now());
  const credential = row === undefined ? null : toCredential(row);
  // The fingerprint is a digest; the key itself has to be the one.
  return credential?.key.split(' ')[1] === Buffer.from(blob).toString('base64') ? credential : null;
}

/** The same for a key that is known by its id already. */
export async function credentialOfId(ctx: Context, keyId: number): Promise<KeyCredential | null> {
  const row = await store.credential(ctx.db, { id: keyId }, ctx.now());
  return row === undefined ? null : toCredential(row);
}

function toCredential(row: store.CredentialRow): KeyCredential {
  const mayChangeWorkflows = row.may_change_workflows === 1;
  const shared = { keyId: row.id, key: row.key, lastUsedAt: row.last_used_at };
  if (row.repository_id !== null) {
    return {
      ...shared,
      name: `${row.owner_login}/${row.repository_name}`,
      suspended: row.owner_suspended_at !== null,
      actor: {
        kind: 'deploy-key',
        keyId: row.id,
        repositoryId: row.repository_id,
        readOnly: row.read_only === 1,
        mayChangeWorkflows,
      },
    };
  }
  const login = row.login ?? '';
  return {
    ...shared,
    name: login,
    suspended: row.suspended_at !== null,
    actor: {
      kind: 'user',
      account: { id: row.account_id ?? 0, login, siteAdmin: row.site_admin === 1 },
      grant: { kind: 'key', keyId: row.id, mayChangeWorkflows },
    },
  };
}
