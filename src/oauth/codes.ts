// The codes that a browser carries from the consent page to the application: good for ten minutes and for one token,
// bound to who asked, to where it was led, and to the verifier of PKCE (ghes-spec 8.1, RFC 7636, RFC 9700 §2.1).
import { hash } from 'node:crypto';
import type { Acting, Context } from '../context.ts';
import type { Scopes } from '../scopes/scopes.ts';
import { Secret, sameText } from '../secrets/secret.ts';
import { issueApplicationToken } from '../tokens/application-tokens.ts';
import { type IssuedToken, removeTokens } from '../tokens/tokens.ts';
import type { Application } from './applications.ts';
import { authorize } from './authorizations.ts';
import * as store from './code-store.ts';

const CODE_LIFE_MS = 10 * 60_000;
/** How long a code is remembered after its end, so that one that comes twice is known to. */
const REMEMBERED_MS = 24 * 60 * 60_000;

export interface CodeRequest {
  readonly account: { readonly id: number; readonly login: string };
  readonly application: Application;
  /** What the person granted. */
  readonly scopes: Scopes;
  /** As it stood in the request; null: it stood not there. */
  readonly redirectUri: string | null;
  /** Of PKCE, S256; null: none. */
  readonly codeChallenge: string | null;
}

/** The person lets the application act: its code, in one transaction with what is remembered of it. */
export async function grantCode(ctx: Acting, request: CodeRequest): Promise<Secret> {
  const code = new Secret(Buffer.from(ctx.random(20)).toString('hex'));
  const { account, application, scopes, redirectUri, codeChallenge } = request;
  await ctx.db.transaction().execute(async (db) => {
    await authorize(ctx, db, account, application, scopes);
    await store.insert(db, {
      hash: code.hash(),
      applicationId: application.id,
      accountId: account.id,
      scopes,
      redirectUri,
      codeChallenge,
      expiresAt: ctx.now() + CODE_LIFE_MS,
    });
  });
  return code;
}

export interface CodeExchange {
  /** Who has shown what it is. */
  readonly application: Application;
  readonly code: Secret;
  /** Null: it was not sent. GitHub's clients may leave it out, though they named it when they asked. */
  readonly redirectUri: string | null;
  readonly codeVerifier: string | null;
}

export type Exchanged =
  | { readonly ok: true; readonly issued: IssuedToken; readonly scopes: Scopes }
  | { readonly ok: false; readonly because: 'bad-code' | 'redirect-mismatch' | 'too-many-tokens' };

/**
 * Gives a token for a code. One that comes a second time ends the token that it gave: one of the two who brought it
 * is not who it was for (RFC 9700 §4.5, RFC 6749 §4.1.2).
 */
export async function exchangeCode(ctx: Acting, exchange: CodeExchange): Promise<Exchanged> {
  const codeHash = exchange.code.hash();
  const { application } = exchange;
  const outcome = await ctx.db
    .transaction()
    .execute(async (db): Promise<Exchanged | { readonly replayed: number }> => {
      const code = await store.find(db, codeHash);
      if (code === null || code.applicationId !== application.id) return badCode;
      if (code.tokenId !== null) return { replayed: code.tokenId };
      if (code.expiresAt <= ctx.now() || code.account.suspended || !application.enabled) return badCode;
      if (!isVerified(code.codeChallenge, exchange.codeVerifier)) return badCode;
      if (exchange.redirectUri !== null && exchange.redirectUri !== redirectOf(code, application)) {
        return { ok: false, because: 'redirect-mismatch' };
      }
      const { account, scopes } = code;
      const by = { ...ctx, by: { ...ctx.by, account: { id: account.id, login: account.login } } };
      const issued = await issueApplicationToken(by, db, { accountId: account.id, application, scopes });
      if (issued === null) return { ok: false, because: 'too-many-tokens' };
      await store.noteToken(db, codeHash, issued.token.id);
      return { ok: true, issued, scopes };
    });
  if (!('replayed' in outcome)) return outcome;
  await removeTokens(ctx, { ids: [outcome.replayed] }, 'its code was used a second time');
  return badCode;
}

/** Forgets codes that ended long ago. */
export function forgetOldCodes(ctx: Context): Promise<void> {
  return store.removeBefore(ctx.db, ctx.now() - REMEMBERED_MS);
}

const badCode = { ok: false, because: 'bad-code' } as const;

function redirectOf(code: store.StoredCode, application: Application): string {
  return code.redirectUri ?? application.callbacks[0];
}

/**
 * A challenge takes its verifier; and a verifier without a challenge is refused too, since somebody has taken the
 * challenge out of the request on its way (RFC 9700 §4.8.2).
 */
function isVerified(challenge: string | null, verifier: string | null): boolean {
  if (challenge === null || verifier === null) return challenge === verifier;
  // As long as RFC 7636 §4.1 has it, but of more characters: git-credential-oauth before 0.10 (Debian 12 has 0.4.2) sends
  // plain base64 with `+`, `/` and `=`. The challenge can't be forged by them.
  if (!/^[\x21-\x7e]{43,128}$/.test(verifier)) return false;
  return sameText(hash('sha256', verifier, 'base64url'), challenge);
}
