// Proving a second factor, wherever it is asked for: completing a sign-in, and entering sudo mode. Guesses are slowed
// down; what was right is used up in the transaction that it opens the way to.
import type { Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import type { SecretHash } from '../secrets/secret.ts';
import { appOf, hasRecoveryCode, useRecoveryCode } from './factor-store.ts';
import { type Asked, readPasskey, relyingParty } from './passkeys.ts';
import { hashOf } from './recovery-codes.ts';
import type { SecondFactor } from './sessions.ts';
import type { Throttled } from './sign-in.ts';
import { beginTry } from './throttle.ts';
import { checkCode } from './totp.ts';

/** What somebody shows. */
export type Proof =
  /** Six digits of the authenticator app. */
  | { readonly kind: 'app'; readonly code: string }
  | { readonly kind: 'recovery-code'; readonly code: string }
  /** The browser's answer to a challenge that was bound to it. */
  | { readonly kind: 'passkey'; readonly response: string; readonly boundTo: SecretHash };

/** Right so far; `use` must say yes in the transaction that it opens the way to. */
export interface RightProof {
  readonly ok: true;
  readonly by: SecondFactor;
  use(db: Db): Promise<boolean>;
}

export type Judged = RightProof | { readonly ok: false; readonly because: 'wrong' } | Throttled;

/** Is it a second factor of this account? */
export async function judge(
  ctx: Context,
  who: { readonly accountId: number; readonly address: string },
  shown: { readonly proof: Proof; readonly purpose: Asked['purpose'] },
): Promise<Judged> {
  const { accountId, address } = who;
  const at = `second factor ${shown.proof.kind} of ${accountId}`;
  // Six digits could be guessed by a crowd; eighty bits can't.
  const everywhere = shown.proof.kind === 'app' ? ({ everywhere: true } as const) : {};
  const attempt = await beginTry(ctx, { at, address, ...everywhere });
  if (!attempt.allowed) return { ok: false, because: 'throttled', retryAfterMs: attempt.retryAfterMs };
  const right = await rightProof(ctx, accountId, shown);
  if (right === null) return { ok: false, because: 'wrong' };
  await attempt.succeeded();
  return { ok: true, ...right };
}

async function rightProof(
  ctx: Context,
  accountId: number,
  { proof, purpose }: { readonly proof: Proof; readonly purpose: Asked['purpose'] },
): Promise<Omit<RightProof, 'ok'> | null> {
  switch (proof.kind) {
    case 'app': {
      const app = await appOf(ctx.db, accountId);
      const code = app === null ? null : await checkCode(ctx, accountId, { app, code: proof.code });
      return code === null ? null : { by: 'app', use: code.use };
    }
    case 'recovery-code': {
      const hash = hashOf(proof.code);
      if (hash === null || !(await hasRecoveryCode(ctx.db, accountId, hash))) return null;
      return { by: 'recovery-code', use: (db) => useRecoveryCode(db, accountId, hash) };
    }
    case 'passkey': {
      const { response, boundTo } = proof;
      const party = relyingParty(ctx.config);
      if (party === null) return null;
      const passkey = await readPasskey(ctx, party, { purpose, boundTo, accountId, response });
      return passkey === null ? null : { by: passkey.kind, use: passkey.use };
    }
  }
}
