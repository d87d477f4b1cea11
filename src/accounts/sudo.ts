// Sudo mode (ghes-spec 1.4): before something sensitive, a session proves again who sits before it. Signing in proves;
// two hours after the last sensitive thing it is asked for again. Who has a second factor is asked for that: for them
// a password suffices nowhere, not even here.
import type { Acting, Context } from '../context.ts';
import type { Secret } from '../secrets/secret.ts';
import { appOf, hasSecondFactor, passkeysOf } from './factor-store.ts';
import { type Judged, judge, type Proof } from './proofs.ts';
import { touchSudo } from './session-store.ts';
import { checkOwnPassword, type Throttled } from './sign-in.ts';

/** By what this account may prove itself. */
export interface Ways {
  readonly password: boolean;
  readonly app: boolean;
  readonly passkey: boolean;
}

export async function waysOf(ctx: Context, accountId: number): Promise<Ways> {
  const app = (await appOf(ctx.db, accountId)) !== null;
  const passkey = (await passkeysOf(ctx.db, accountId)).length > 0;
  return { app, passkey, password: !app && !passkey };
}

export type Confirmed = { readonly ok: true } | { readonly ok: false; readonly because: 'wrong' } | Throttled;

/** The session did something that takes sudo mode: its two hours begin anew. */
export function sudoUsed(ctx: Context, sessionId: number): Promise<void> {
  return touchSudo(ctx.db, sessionId, ctx.now());
}

/** Puts the session into sudo mode, if the proof is good. @throws PasswordsBusyError */
export async function confirmAccess(
  ctx: Acting,
  who: { readonly accountId: number; readonly sessionId: number; readonly address: string },
  shown: { readonly password: Secret } | Exclude<Proof, { kind: 'recovery-code' }>,
): Promise<Confirmed> {
  const { accountId, sessionId } = who;
  let judged: Judged | Confirmed;
  if ('password' in shown) {
    if (await hasSecondFactor(ctx.db, accountId)) return { ok: false, because: 'wrong' };
    judged = await checkOwnPassword(ctx, who, shown.password);
  } else {
    judged = await judge(ctx, who, { proof: shown, purpose: 'confirm access' });
  }
  if (!judged.ok) return judged;
  const use = 'use' in judged ? judged.use : async () => true;
  return ctx.db.transaction().execute(async (db): Promise<Confirmed> => {
    // A second factor may have been added elsewhere while the password was checked.
    if ('password' in shown && (await hasSecondFactor(db, accountId))) return { ok: false, because: 'wrong' };
    if (!(await use(db))) return { ok: false, because: 'wrong' };
    await touchSudo(db, sessionId, ctx.now());
    return { ok: true };
  });
}
