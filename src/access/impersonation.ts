// Whether what a site admin makes in somebody's name still holds, as SQL: the one place where that is said, for the
// token itself and for the keys that it added.
import { type RawBuilder, sql } from 'kysely';

/**
 * 1 as long as who made the row of `tokens` to act as its owner may still make such ones: it is worth what that site
 * admin is now. 1 for tokens that their owners made.
 */
export const makerMay: RawBuilder<0 | 1> = sql<0 | 1>`CASE WHEN tokens.made_by_login IS NULL OR EXISTS (
    SELECT 1 FROM accounts AS makers
    WHERE makers.login_key = lower(tokens.made_by_login)
      AND makers.site_admin = 1 AND makers.suspended_at IS NULL
  ) THEN 1 ELSE 0 END`;

/** 1 for a row of `tokens` by which a site admin acts as somebody, and which has ended without being deleted yet. */
export const impersonationEnded = (now: number): RawBuilder<0 | 1> => sql<0 | 1>`CASE
  WHEN tokens.made_by_login IS NOT NULL AND (${makerMay} = 0 OR tokens.expires_at <= ${now}) THEN 1 ELSE 0 END`;
