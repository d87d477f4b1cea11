// Passkeys and security keys (WebAuthn): what the browser is asked to do, and the judgement of what it answers. A
// passkey checks its owner by itself (fingerprint, PIN), and so stands for both factors; a security key proves
// possession only, and counts beside a password.
import { hash } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Config } from '../config/config.ts';
import type { Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import type { PasskeysTable } from '../db/schema.ts';
import type { SecretHash } from '../secrets/secret.ts';
import * as store from './factor-store.ts';
import { pruneChallenges, takeChallenge, writeChallenge } from './half-sign-in-store.ts';

export type PasskeyKind = PasskeysTable['kind'];

/** How long the browser has to answer. */
export const CHALLENGE_MS = 5 * 60_000;
const CHALLENGE_BYTES = 32;
/** At most this many wait at a time: some two megabytes. */
const MAX_CHALLENGES = 20_000;
/** EdDSA, ES256, RS256: what authenticators have (RFC 9053). The library would try experimental ones of Node too. */
const algorithms = [-8, -7, -257] as const;
/** Longer than any answer without an attestation. */
const MAX_RESPONSE_LENGTH = 16 * 1024;
const MAX_CREDENTIAL_ID_LENGTH = 1400;
const knownTransports: readonly string[] = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

export interface RelyingParty {
  /** The name to which the browser binds passkeys. */
  readonly id: string;
  /** The one origin whose pages may use them. */
  readonly origin: string;
}

/**
 * The name that passkeys are bound to: the host of the server's URL. Browsers bind them to names only, not to
 * addresses; a server on a loopback address has the name `localhost`. Null: there is no name, and so no passkeys.
 */
export function relyingParty({ url }: Pick<Config, 'url'>): RelyingParty | null {
  const { hostname, protocol, port, origin } = new URL(url);
  if (hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)) {
    return { id: 'localhost', origin: `${protocol}//localhost${port === '' ? '' : `:${port}`}` };
  }
  if (hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return null;
  // Elsewhere, browsers have them over https only.
  if (protocol !== 'https:' && hostname !== 'localhost' && !hostname.endsWith('.localhost')) return null;
  return { id: hostname, origin };
}

/** What a challenge is for; an answer to one of another purpose is worth nothing. */
export type Purpose = 'add passkey' | 'add security-key' | 'sign in' | 'second factor' | 'confirm access';

/** Who is asked: a challenge counts only when it comes back from the same browser, for the same purpose. */
export interface Asked {
  readonly purpose: Purpose;
  /** Of the secret by which the browser is known. */
  readonly boundTo: SecretHash;
}

async function newChallenge(ctx: Context, asked: Asked): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = Uint8Array.from(ctx.random(CHALLENGE_BYTES));
  const challenge = Buffer.from(bytes).toString('base64url');
  const now = ctx.now();
  await ctx.db.transaction().execute(async (db) => {
    await pruneChallenges(db, now, MAX_CHALLENGES);
    await writeChallenge(db, { ...asked, challenge, expiresAt: now + CHALLENGE_MS });
  });
  return bytes;
}

/** Loaded with the first passkey: commands have no use for it, and would wait for it. */
const library = () => import('@simplewebauthn/server');

/** For the library: is this the challenge that was given to this browser? Uses it up. */
const expectedChallenge = (ctx: Context, asked: Asked) => (challenge: string) =>
  challenge.length <= 64 && takeChallenge(ctx.db, { ...asked, challenge, now: ctx.now() });

/** What the browser is to do to make a new passkey or security key. */
export async function askForNewPasskey(
  ctx: Context,
  party: RelyingParty,
  wanted: {
    readonly kind: PasskeyKind;
    readonly boundTo: SecretHash;
    readonly account: { readonly id: number; readonly login: string; readonly name: string | null };
  },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { kind, boundTo, account } = wanted;
  const known = await store.passkeysOf(ctx.db, account.id);
  const { generateRegistrationOptions } = await library();
  return generateRegistrationOptions({
    rpName: 'Latchkey',
    rpID: party.id,
    userName: account.login,
    userDisplayName: account.name ?? account.login,
    userID: userHandle(account.id),
    challenge: await newChallenge(ctx, { purpose: `add ${kind}`, boundTo }),
    timeout: CHALLENGE_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: [...algorithms],
    excludeCredentials: known.map((passkey) => credentialOf(passkey)),
    authenticatorSelection:
      kind === 'passkey'
        ? { residentKey: 'required', userVerification: 'required' }
        : { residentKey: 'discouraged', userVerification: 'discouraged' },
  });
}

/** What is stored of a passkey that the browser has made. */
export interface NewPasskey {
  readonly credentialId: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: string;
}

/** Judges the answer to `askForNewPasskey`. Null: it does not hold. */
export async function readNewPasskey(
  ctx: Context,
  party: RelyingParty,
  answer: { readonly kind: PasskeyKind; readonly boundTo: SecretHash; readonly response: string },
): Promise<NewPasskey | null> {
  const response = parseResponse(answer.response);
  if (response === null) return null;
  try {
    const { verifyRegistrationResponse } = await library();
    const result = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: expectedChallenge(ctx, { purpose: `add ${answer.kind}`, boundTo: answer.boundTo }),
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: answer.kind === 'passkey',
      supportedAlgorithmIDs: [...algorithms],
    });
    if (!result.verified) return null;
    const { id, publicKey, counter, transports = [] } = result.registrationInfo.credential;
    if (id.length > MAX_CREDENTIAL_ID_LENGTH) return null;
    const kept = transports.filter((transport) => knownTransports.includes(transport));
    return { credentialId: id, publicKey, counter, transports: kept.join(' ') };
  } catch (error) {
    return notHolding(ctx, error);
  }
}

/**
 * What the browser is to do to show that it has a passkey.
 * @param accountId whose; null: the passkey will tell
 */
export async function askForPasskey(
  ctx: Context,
  party: RelyingParty,
  wanted: Asked & { readonly accountId: number | null },
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const known = wanted.accountId === null ? [] : await store.passkeysOf(ctx.db, wanted.accountId);
  const { generateAuthenticationOptions } = await library();
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge: await newChallenge(ctx, { purpose: wanted.purpose, boundTo: wanted.boundTo }),
    timeout: CHALLENGE_MS,
    allowCredentials: known.map((passkey) => credentialOf(passkey)),
    userVerification: wanted.purpose === 'sign in' ? 'required' : 'discouraged',
  });
}

/** A passkey that was shown; `use` must say yes in the transaction that it opens the way to. */
export interface ShownPasskey {
  readonly accountId: number;
  readonly kind: PasskeyKind;
  use(db: Db): Promise<boolean>;
}

/**
 * Judges the answer to `askForPasskey`. Signing in takes a passkey that has checked its owner.
 * @returns null: it does not hold, or is not this account's
 */
export async function readPasskey(
  ctx: Context,
  party: RelyingParty,
  answer: Asked & { readonly accountId: number | null; readonly response: string },
): Promise<ShownPasskey | null> {
  const response = parseResponse(answer.response) as AuthenticationResponseJSON | null;
  if (response === null || response.id.length > MAX_CREDENTIAL_ID_LENGTH) return null;
  const passkey = await store.passkeyByCredential(ctx.db, response.id);
  if (passkey === null) return null;
  const alone = answer.purpose === 'sign in';
  if (alone && passkey.kind !== 'passkey') return null;
  if (!alone && passkey.accountId !== answer.accountId) return null;
  try {
    const { verifyAuthenticationResponse } = await library();
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: expectedChallenge(ctx, answer),
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      credential: {
        id: passkey.credentialId,
        publicKey: Uint8Array.from(passkey.publicKey),
        counter: passkey.counter,
      },
      requireUserVerification: alone,
    });
    if (!verified) return null;
    // A passkey that was found by the browser tells whose it is (WebAuthn §7.2 step 6).
    if (
      alone &&
      response.response.userHandle !== Buffer.from(userHandle(passkey.accountId)).toString('base64url')
    )
      return null;
    const { id, accountId, kind } = passkey;
    const counter = authenticationInfo.newCounter;
    return {
      accountId,
      kind,
      use: (db) => store.countPasskeyUse(db, { id, counter, at: ctx.now() }),
    };
  } catch (error) {
    return notHolding(ctx, error);
  }
}

/** What authenticators know an account by: the same for all of its keys, and nothing that names a person. */
function userHandle(accountId: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hash('sha256', `Latchkey account ${accountId}`, 'buffer'));
}

function credentialOf(passkey: store.PasskeyRow) {
  const transports = passkey.transports.split(' ').filter((transport) => transport !== '');
  return { id: passkey.credentialId, transports };
}

/** Only what every answer has is looked at here; the library judges the rest. */
function parseResponse(text: string): { readonly id: string } | null {
  if (text.length > MAX_RESPONSE_LENGTH) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('id' in value) || !('response' in value)) return null;
  const { id, response } = value;
  const isAnswer = typeof id === 'string' && typeof response === 'object' && response !== null;
  return isAnswer ? { ...value, id } : null;
}

/** The library tells by errors what is wrong with an answer, a counter that went backwards among it. */
function notHolding(ctx: Context, error: unknown): null {
  ctx.log.warn({ reason: (error as Error).message.slice(0, 200) }, 'the answer of a passkey does not hold');
  return null;
}
