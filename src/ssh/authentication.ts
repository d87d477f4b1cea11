// Who is it? The user `git` with a key that is known here, proved by a signature; no password, no token, nothing else
// ever opens SSH (ghes-spec 10).
import ssh2, { type AuthContext, type PublicKeyAuthContext } from 'ssh2';
import type { Context } from '../context.ts';
import { credentialOfKey, type KeyCredential } from '../keys/credentials.ts';

const { utils } = ssh2;

export type Attempt =
  /** The client only asks whether it would be worth signing. */
  | { readonly outcome: 'would-do' }
  | { readonly outcome: 'accepted'; readonly credential: KeyCredential }
  | { readonly outcome: 'refused' };

const refused: Attempt = { outcome: 'refused' };

/** Judges one attempt; says nothing to the client. */
export async function judgeAttempt(ctx: Context, attempt: AuthContext): Promise<Attempt> {
  if (attempt.method !== 'publickey' || attempt.username !== 'git') return refused;
  if (!isSignedWithSha2(attempt)) return refused;
  const credential = await credentialOfKey(ctx, attempt.key.data);
  if (credential === null) return refused;
  // The algorithm that the client names decides how its signature is read.
  const [type] = credential.key.split(' ');
  if (type !== attempt.key.algo) return refused;
  if (attempt.signature === undefined || attempt.blob === undefined) return { outcome: 'would-do' };
  const key = utils.parseKey(credential.key);
  // Security keys: ssh2 can't read them, so they are refused here.
  if (key instanceof Error) return refused;
  // It may give an error as its value.
  const isGood = (key.verify(attempt.blob, attempt.signature, attempt.hashAlgo) as unknown) === true;
  return isGood ? { outcome: 'accepted', credential } : refused;
}

/** By the name `ssh-rsa` the signature would be made with SHA-1. */
function isSignedWithSha2({ key, hashAlgo }: PublicKeyAuthContext): boolean {
  return key.algo !== 'ssh-rsa' || hashAlgo === 'sha256' || hashAlgo === 'sha512';
}
