// Every reason for which a caller is turned away, in one registry. Data, not statuses: each way in has one
// translator from these to its own words (REST: api/refusals.ts, git: git/refusals.ts, pages: web/refusals.tsx).
import type { Scope } from '../scopes/scopes.ts';

/** The credential itself is refused, whatever was asked (ghes-spec 5.2 rows 1–3 and 15). */
export type BadCredential =
  /** Unknown, expired, revoked or malformed. */
  | { readonly because: 'bad-credential' }
  /** Something that can't be a token: somebody's account password, most likely. It was not looked at further. */
  | { readonly because: 'not-a-token' }
  /** A token in the query string: refused unread, since URLs end up in logs. */
  | { readonly because: 'credential-in-url' }
  | { readonly because: 'suspended' }
  /** The instance lets no token live so long, and this one does or would (ghes-spec 1.6, 5.2 row 15). */
  | {
      readonly because: 'token-lives-too-long';
      readonly maxDays: number;
      readonly tokenId: number;
      /** Milliseconds since 1970; null: never. */
      readonly expiresAt: number | null;
    }
  /** Unknown, expired, revoked or malformed, as were too many others that came from there (ghes-spec 5.6). */
  | { readonly because: 'too-many-attempts' };

/** The credential is good (or none was given), but the action is not allowed (ghes-spec 5.2 rows 4–11). */
export type Denied =
  /** Nobody is signed in, and the action needs somebody. */
  | { readonly because: 'unauthenticated' }
  /** The target does not exist, or the caller must not learn that it does. */
  | { readonly because: 'invisible' }
  /** The caller sees the target, but the account's own standing is too low. */
  | { readonly because: 'role-missing'; readonly refusal: string }
  /** The account may, but the token has none of these scopes; any one would do. */
  | {
      readonly because: 'scope-missing';
      readonly accepted: readonly Scope[];
      readonly refusal: string;
      /** True: GitHub's API says it with 404, though what was asked for is there to be seen. */
      readonly asIfMissing?: true;
    }
  /** No token can do this: it takes a person signed in on the web. */
  | { readonly because: 'session-required' }
  /** The person is signed in, but has to prove once more who they are (ghes-spec 1.4). */
  | { readonly because: 'sudo-required' }
  /** The organisation lets no classic token near what is its own (ghes-spec 5.2 row 14). */
  | { readonly because: 'organization-forbids-tokens'; readonly organization: string };

export type Refusal = BadCredential | Denied;
