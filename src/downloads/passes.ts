// Passes: what stands in the address of an archive of something private, so that a client that is led there gets it
// whether or not it sends its token again. A pass is good for one commit in one format, for five minutes, and for
// nothing that the token it was given for may not do at the moment of use (docs/decisions/0023-downloads.md).
import { createHmac, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { Actor } from '../access/actor.ts';
import type { Authenticated } from '../access/authenticate.ts';
import type { Context } from '../context.ts';
import type { ArchiveFormat } from '../git/archive.ts';
import { keyFile } from '../secrets/key-file.ts';
import { tokenHash } from '../tokens/tokens.ts';
import { verifyTokenAgain } from '../tokens/verifying.ts';

/** GitHub's links "expire after five minutes" too. */
export const PASS_SECONDS = 5 * 60;

/** What a pass opens. */
export interface Opened {
  readonly repositoryId: number;
  /** The commit's full id. */
  readonly commit: string;
  readonly format: ArchiveFormat;
}

export interface Passes {
  /** Null where there is no token to give one for. */
  issue(actor: Actor, opens: Opened): Promise<string | null>;
  /** Who comes by it, and to which repository alone. A pass that is not, or no longer, good is a bad credential. */
  verify(pass: string, wanted: PassWanted): Promise<PassVerified>;
}

export interface PassWanted {
  readonly commit: string;
  /** Null: something else than an archive is asked for, which no pass opens. */
  readonly format: ArchiveFormat | null;
}

export interface PassVerified {
  readonly authenticated: Authenticated;
  /** 0 where the pass is no good. */
  readonly repositoryId: number;
}

const bad: PassVerified = { authenticated: { refused: { because: 'bad-credential' } }, repositoryId: 0 };

export function createPasses(ctx: Context): Passes {
  const verifyToken = verifyTokenAgain(ctx);
  const file = join(ctx.config.dataDirectory, 'keys', 'downloads.key');

  /** Over the token's hash too: with a regenerated token its passes are dead. */
  async function seal(opens: Opened, tokenId: number, hash: Uint8Array, expires: number): Promise<Buffer> {
    const { repositoryId, commit, format } = opens;
    const token = Buffer.from(hash).toString('hex');
    const sealed = JSON.stringify(['archive', repositoryId, commit, format, tokenId, token, expires]);
    return createHmac('sha256', await keyFile(file, ctx.random))
      .update(sealed)
      .digest();
  }

  return {
    async issue(actor, opens) {
      if (actor.kind !== 'user' || actor.grant.kind !== 'scopes') return null;
      const { tokenId, tokenHash: hash } = actor.grant;
      const expires = Math.floor(ctx.now() / 1000) + PASS_SECONDS;
      const seals = await seal(opens, tokenId, hash, expires);
      return `${opens.repositoryId}.${tokenId}.${expires}.${seals.toString('base64url')}`;
    },
    async verify(pass, { commit, format }) {
      const parts = /^(\d{1,15})\.(\d{1,15})\.(\d{1,12})\.([\w-]{43})$/.exec(pass);
      if (parts === null || format === null) return bad;
      const [repositoryId = 0, tokenId = 0, expires = 0] = parts.slice(1, 4).map(Number);
      if (expires * 1000 <= ctx.now()) return bad;
      const hash = await tokenHash(ctx, tokenId);
      if (hash === null) return bad;
      const expected = await seal({ repositoryId, commit, format }, tokenId, hash, expires);
      if (!timingSafeEqual(expected, Buffer.from(parts[4] ?? '', 'base64url'))) return bad;
      const authenticated = await verifyToken({ tokenHash: hash });
      return authenticated.actor === undefined ? { ...bad, authenticated } : { authenticated, repositoryId };
    },
  };
}
