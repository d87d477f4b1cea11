// The one door: every way of signing in ends here, in one transaction that looks at the account as it is now. Who has
// a second factor gets no session without it, whichever way they came; they get half a sign-in, and are asked.
import type { Acting } from '../context.ts';
import type { Db } from '../db/database.ts';
import { randomSecret, type Secret } from '../secrets/secret.ts';
import type { Account } from './accounts.ts';
import { hasSecondFactor } from './factor-store.ts';
import {
  deleteHalfSignIns,
  deleteOldHalfSignIns,
  halfSignInAccount,
  insertHalfSignIn,
} from './half-sign-in-store.ts';
import { deleteSessions } from './session-store.ts';
import { beginSession, type Origin, type SecondFactor } from './sessions.ts';
import { type PasswordRow, passwordById } from './store.ts';

/** How long somebody may take from the password to the second factor. */
export const HALF_SIGN_IN_MS = 10 * 60_000;

export type Admission =
  | { readonly ok: true; readonly account: Account; readonly sessionId: number; readonly secret: Secret }
  /** The password is right and not enough; `half` goes into a cookie, and opens nothing but the next page. */
  | { readonly ok: false; readonly because: 'second-factor'; readonly half: Secret }
  /** What was proved does not count any more. */
  | { readonly ok: false; readonly because: 'wrong' }
  | { readonly ok: false; readonly because: 'suspended' };

export interface SessionAtHand {
  readonly accountId: number;
  readonly sessionId: number;
}

/** Who wants in, and what was proved. */
export interface Entrant {
  readonly accountId: number;
  readonly origin: Origin;
  /** The session that the browser had until now; it ends when another begins. */
  readonly replaces: SessionAtHand | null;
  /** Is the first proof still true of the account as it is now? */
  readonly still?: (row: PasswordRow) => boolean;
  /** The second factor that was proved, or the passkey that is both; null: none yet. */
  readonly proof: { readonly by: SecondFactor; use(db: Db): Promise<boolean> } | null;
  /** The half sign-in that this completes. */
  readonly half?: Secret;
}

/** Lets in, or tells why not. */
export async function admit(ctx: Acting, entrant: Entrant): Promise<Admission> {
  const { accountId, origin, replaces, proof, half } = entrant;
  return ctx.db.transaction().execute(async (db): Promise<Admission> => {
    const row = await passwordById(db, accountId);
    if (row === null || entrant.still?.(row) === false) return { ok: false, because: 'wrong' };
    const { account } = row;
    if (account.suspendedAt !== null) return { ok: false, because: 'suspended' };
    if (proof === null && (await hasSecondFactor(db, accountId))) {
      return { ok: false, because: 'second-factor', half: await beginHalfSignIn(ctx, db, accountId) };
    }
    if (half !== undefined && (await halfSignInAccount(db, half.hash(), ctx.now())) !== accountId) {
      return { ok: false, because: 'wrong' };
    }
    // Of two requests with the same proof, the second finds it used up.
    if (proof !== null && !(await proof.use(db))) return { ok: false, because: 'wrong' };
    if (half !== undefined) await deleteHalfSignIns(db, { secretHash: half.hash() });
    if (replaces !== null) await deleteSessions(db, replaces.accountId, { only: replaces.sessionId });
    const session = await beginSession(ctx, db, { account, origin, secondFactor: proof?.by ?? null });
    return { ok: true, account, ...session };
  });
}

async function beginHalfSignIn(ctx: Acting, db: Db, accountId: number): Promise<Secret> {
  const half = randomSecret(ctx.random);
  const now = ctx.now();
  await deleteOldHalfSignIns(db, now);
  await insertHalfSignIn(db, { secretHash: half.hash(), accountId, expiresAt: now + HALF_SIGN_IN_MS });
  return half;
}
