// Who is calling, and by which credential.
import type { Scopes } from '../scopes/scopes.ts';

/** The account behind a credential, as far as decisions need it. */
export interface ActorAccount {
  readonly id: number;
  readonly login: string;
  readonly siteAdmin: boolean;
}

/**
 * What the credential grants. A union from the first day: fine-grained tokens and applications will be further
 * members, never a second model.
 */
export type Grant =
  /** A person signed in on the web: all that the person may. */
  | { readonly kind: 'session'; readonly sessionId: number }
  /** A classic token. */
  | {
      readonly kind: 'scopes';
      readonly tokenId: number;
      readonly scopes: Scopes;
      /** Milliseconds since 1970; null: never. */
      readonly expiresAt: number | null;
    };

export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly account: ActorAccount; readonly grant: Grant };

export const anonymous: Actor = Object.freeze({ kind: 'anonymous' });

export function accountId(actor: Actor): number | null {
  return actor.kind === 'user' ? actor.account.id : null;
}
