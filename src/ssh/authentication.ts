// Who is it? The user `git` with a key that is known here, proved by a signature; no password, no token, nothing else
// ever opens SSH (ghes-spec 10).
import ssh2, { type AuthContext, type PublicKeyAuthContext } from 'ssh2';
import type { Context } from '../context.ts';
import { credentialOfKey, type KeyCredential } from '../keys/credentials.ts';
import type { AuthenticationKind } from './observer.ts';

const { utils } = ssh2;

export type Attempt =
  /** The client only asks whether it would be worth signing. */
  | { readonly outcome: 'would-do' }
  | { readonly outcome: 'accepted'; readonly credential: KeyCredential }
  /** `kind`: null for the question which methods there are, with which clients begin (RFC 4252 section 5.2). */
  | { readonly outcome: 'refused'; readonly kind: AuthenticationKind | null };

const refused = (kind: AuthenticationKind | null): Attempt => ({ outcome: 'refused', kind });

/** Judges one attempt; says nothing to the client. */
export async function judgeAttempt(ctx: Context, attempt: AuthContext): Promise<Attempt> {
  if (attempt.method !== 'publickey') return refused(attempt.method === 'none' ? null : 'no-key');
  if (attempt.username !== 'git') return refused('unknown-user');
  if (!isSignedWithSha2(attempt)) return refused('bad-signature');
  const credential = await credentialOfKey(ctx, attempt.key.data);
  if (credential === null) return refused('unknown-key');
  // The algorithm that the client names decides how its signature is read.
  const [type] = credential.key.split(' ');
  if (type !== attempt.key.algo) return refused('bad-signature');
  if (attempt.signature === undefined || attempt.blob === undefined) return { outcome: 'would-do' };
  const key = utils.parseKey(credential.key);
  // Security keys: ssh2 can't read them, so they are refused here.
  if (key instanceof Error) return refused('bad-signature');
  // It may give an error as its value.
  const isGood = (key.verify(attempt.blob, attempt.signature, attempt.hashAlgo) as unknown) === true;
  return isGood ? { outcome: 'accepted', credential } : refused('bad-signature');
}

/** By the name `ssh-rsa` the signature would be made with SHA-1. */
function isSignedWithSha2({ key, hashAlgo }: PublicKeyAuthContext): boolean {
  return key.algo !== 'ssh-rsa' || hashAlgo === 'sha256' || hashAlgo === 'sha512';
}
