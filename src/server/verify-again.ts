// Verifying again a caller who was let in a while ago, whatever the credential: puts the rooms that know credentials
// together for access/running.ts.
import type { Actor } from '../access/actor.ts';
import type { Authenticated } from '../access/authenticate.ts';
import type { VerifyAgain } from '../access/running.ts';
import { findSession } from '../accounts/sessions.ts';
import type { Context } from '../context.ts';
import { credentialOfId } from '../keys/credentials.ts';
import { verifyTokenAgain } from '../tokens/verifying.ts';

export function verifyAgain(ctx: Context): VerifyAgain {
  const verifyToken = verifyTokenAgain(ctx);
  const verifyKey = async (keyId: number) => {
    const found = await credentialOfId(ctx, keyId);
    if (found === null) return { refused: { because: 'bad-credential' } } as const;
    return found.suspended ? ({ refused: { because: 'suspended' } } as const) : { actor: found.actor };
  };
  const found = (actor: Actor | null): Authenticated =>
    actor === null ? { refused: { because: 'bad-credential' } } : { actor };
  return async (actor) => {
    if (actor.kind === 'anonymous') return { actor };
    // Nothing that lasts runs by its own credentials.
    if (actor.kind === 'application') return found(null);
    if (actor.kind === 'deploy-key') return verifyKey(actor.keyId);
    switch (actor.grant.kind) {
      case 'scopes':
        return verifyToken(actor.grant);
      case 'key':
        return verifyKey(actor.grant.keyId);
      case 'session':
        return found(await findSession(ctx, actor.grant));
    }
  };
}
