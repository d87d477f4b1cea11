// From the password to the session, for people with a second factor; and signing in by a passkey alone, which checks
// its owner and so is both factors in one.
import type { Acting, Context } from '../context.ts';
import type { Secret, SecretHash } from '../secrets/secret.ts';
import { type Account, findAccount } from './accounts.ts';
import { admit, type SessionAtHand } from './admission.ts';
import { halfSignInAccount } from './half-sign-in-store.ts';
import { readPasskey, relyingParty } from './passkeys.ts';
import { judge, type Proof } from './proofs.ts';
import type { Origin } from './sessions.ts';
import { recordFailure, type SignIn } from './sign-in.ts';
import { beginTry } from './throttle.ts';

/** Who has proved the password of which account? Null: nobody, or too long ago, or it is suspended since. */
export async function halfSignedIn(ctx: Context, half: Secret): Promise<Account | null> {
  const accountId = await halfSignInAccount(ctx.db, half.hash(), ctx.now());
  const account = accountId === null ? null : await findAccount(ctx, accountId);
  return account === null || account.suspendedAt !== null ? null : account;
}

/** `expired`: there is no such half sign-in any more; begin again. */
export type Completed = SignIn | { readonly ok: false; readonly because: 'expired' };

/** Completes a sign-in by the second factor. */
export async function completeSignIn(
  ctx: Acting,
  half: Secret,
  proof: Proof,
  from: { readonly origin: Origin; readonly replaces: SessionAtHand | null },
): Promise<Completed> {
  const account = await halfSignedIn(ctx, half);
  if (account === null) return { ok: false, because: 'expired' };
  const who = { accountId: account.id, address: from.origin.address };
  const judged = await judge(ctx, who, { proof, purpose: 'second factor' });
  if (!judged.ok) {
    if (judged.because === 'wrong') await recordFailure(ctx, account, { second_factor: proof.kind });
    return judged;
  }
  return admit(ctx, { accountId: account.id, ...from, proof: judged, half });
}

/** Signs in by a passkey that the browser has found: no name, no password. */
export async function signInByPasskey(
  ctx: Acting,
  answer: { readonly response: string; readonly boundTo: SecretHash },
  from: { readonly origin: Origin; readonly replaces: SessionAtHand | null },
): Promise<SignIn> {
  const party = relyingParty(ctx.config);
  if (party === null) return { ok: false, because: 'wrong' };
  const attempt = await beginTry(ctx, { at: 'passkey', address: from.origin.address });
  if (!attempt.allowed) return { ok: false, because: 'throttled', retryAfterMs: attempt.retryAfterMs };
  const passkey = await readPasskey(ctx, party, { ...answer, purpose: 'sign in', accountId: null });
  if (passkey === null) return { ok: false, because: 'wrong' };
  await attempt.succeeded();
  return admit(ctx, { accountId: passkey.accountId, ...from, proof: { by: 'passkey', use: passkey.use } });
}
