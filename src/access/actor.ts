// Who is calling, and by which credential.
import type { Scopes } from '../scopes/scopes.ts';

/** An OAuth application, as far as decisions and answers need it. */
export interface ActorApplication {
  readonly id: number;
  readonly clientId: string;
  readonly name: string;
}

/** The account behind a credential, as far as decisions need it. */
export interface ActorAccount {
  readonly id: number;
  readonly login: string;
  readonly siteAdmin: boolean;
}

/**
 * What the credential grants. A union from the first day: fine-grained tokens and app installations will be
 * further members, never a second model.
 */
export type Grant =
  /** A person signed in on the web: all that the person may. */
  | {
      readonly kind: 'session';
      readonly sessionId: number;
      /** Has the person proved who they are within the last two hours (ghes-spec 1.4)? */
      readonly sudo: boolean;
    }
  /** A token with scopes: a classic personal access token, or one that an OAuth application holds for the person. */
  | {
      readonly kind: 'scopes';
      readonly tokenId: number;
      /** SHA-256 of the token: what the log knows it by (ghes-spec 12.1 `hashed_token`). */
      readonly tokenHash: Uint8Array;
      readonly scopes: Scopes;
      /** Milliseconds since 1970; null: never. */
      readonly expiresAt: number | null;
      /** Who holds it; missing: the person, it is a personal access token. */
      readonly application?: ActorApplication;
    }
  /** A person's SSH key: git, and nothing else. */
  | {
      readonly kind: 'key';
      readonly keyId: number;
      /** False for a key that a token or an application without `workflow` made (ghes-spec 15 row 27). */
      readonly mayChangeWorkflows: boolean;
    };

export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly account: ActorAccount; readonly grant: Grant }
  /** A deploy key: nobody's, and good for one repository (ghes-spec 7.1). */
  | {
      readonly kind: 'deploy-key';
      readonly keyId: number;
      readonly repositoryId: number;
      readonly readOnly: boolean;
      readonly mayChangeWorkflows: boolean;
    }
  /** An OAuth application by its client id and a secret of its: for its own tokens, and nothing else (ghes-spec 5.1). */
  | { readonly kind: 'application'; readonly application: ActorApplication };

export const anonymous: Actor = Object.freeze({ kind: 'anonymous' });

/** The personal access token by which somebody calls; null: they call in another way. */
export function personalToken(actor: Actor | null): Extract<Grant, { kind: 'scopes' }> | null {
  if (actor?.kind !== 'user' || actor.grant.kind !== 'scopes') return null;
  return actor.grant.application === undefined ? actor.grant : null;
}

export function accountId(actor: Actor): number | null {
  return actor.kind === 'user' ? actor.account.id : null;
}
