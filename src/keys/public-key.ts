// Reading SSH public keys as people paste them: which kinds are good enough, and the form in which they are kept
// (type and base64, no comment: clients compare exactly that, ghes-spec 7.2). Wire forms: RFC 4253 section 6.6,
// RFC 5656 section 3.1, RFC 8709 section 4, PROTOCOL.u2f of OpenSSH.
import { createPublicKey, hash, type webcrypto } from 'node:crypto';
import { done, type Outcome, refused } from '../problems.ts';

export interface PublicKey {
  readonly type: KeyType;
  /** `TYPE BASE64`, as kept and as handed out. */
  readonly text: string;
  /** What stands after it on the line; empty: nothing. */
  readonly comment: string;
  /** `SHA256:` and 43 characters of base64, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

const keyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const;

export type KeyType = (typeof keyTypes)[number];

/** False for security keys: only OpenSSH's own server can check their signatures, the built-in one can't. */
export function isForBuiltInServer(type: KeyType): boolean {
  return !type.startsWith('sk-');
}

/** The largest RSA key that OpenSSH takes has 16,384 bits; in base64 that is under 3,000 characters. */
const MAX_TEXT_LENGTH = 8_192;
const MIN_RSA_BITS = 2_048;
const MAX_RSA_BITS = 16_384;

const format = 'You must supply a key in OpenSSH public key format';

/**
 * Reads one line of an OpenSSH public key, with or without a comment.
 * The problem's message begins as GHES's does: `key is invalid. …` (ghes-spec 7.1).
 */
export function parsePublicKey(line: string): Outcome<PublicKey> {
  if (line.length > MAX_TEXT_LENGTH) return invalid('It is longer than any key can be.');
  const text = line.trim();
  if (/PRIVATE KEY/.test(text)) {
    return invalid('That is a private key: never give it to anybody. Give the .pub file.');
  }
  if (/[\r\n]/.test(text)) return invalid('Give one key, on one line.');
  const [, type = '', base64 = '', comment = ''] = /^(\S*)[ \t]*(\S*)[ \t]*(.*)$/.exec(text) ?? [];
  if (type === 'ssh-dss') return invalid('DSA keys are too weak. Make a new one: ssh-keygen -t ed25519');
  const known = keyTypes.find((candidate) => candidate === type);
  if (known === undefined) return invalid(`${format}, beginning with one of: ${keyTypes.join(', ')}.`);
  const blob = Buffer.from(base64, 'base64');
  if (blob.toString('base64') !== base64) return invalid(damaged);
  const weakness = inspectBlob(known, blob);
  if (weakness !== null) return invalid(weakness);
  return done({ type: known, text: `${known} ${base64}`, comment, fingerprint: fingerprintOf(blob) });
}

/** @param blob the key in wire form */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${hash('sha256', blob, 'base64').replace(/=+$/, '')}`;
}

/** @returns why the key is not good, or null */
function inspectBlob(type: KeyType, blob: Buffer): string | null {
  const fields = readFields(blob);
  if (fields === null || fields[0]?.toString('latin1') !== type) {
    return `${format}: its base64 part is not a key of that type.`;
  }
  const [, first, second] = fields;
  switch (type) {
    case 'ssh-ed25519':
      return fields.length === 2 ? inspectEd25519(first) : damaged;
    case 'sk-ssh-ed25519@openssh.com':
      return fields.length === 3 ? inspectEd25519(first) : damaged;
    case 'ssh-rsa':
      return fields.length === 3 ? inspectRsa(first, second) : damaged;
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return fields.length === 4 ? inspectEcdsa('nistp256', first, second) : damaged;
    default:
      return fields.length === 3 ? inspectEcdsa(type.slice('ecdsa-sha2-'.length), first, second) : damaged;
  }
}

const damaged = `${format}: its base64 part is damaged.`;

function inspectEd25519(point: Buffer | undefined): string | null {
  return point?.length === 32 && isKey({ kty: 'OKP', crv: 'Ed25519', x: url(point) }) ? null : damaged;
}

function inspectRsa(exponent: Buffer | undefined, modulus: Buffer | undefined): string | null {
  if (!isPositive(exponent) || !isPositive(modulus) || modulus.length > MAX_RSA_BITS / 8 + 1) return damaged;
  const n = BigInt(`0x${modulus.toString('hex')}`);
  const e = BigInt(`0x${exponent.toString('hex')}`);
  const bits = n.toString(2).length;
  if (bits < MIN_RSA_BITS) return `RSA keys need ${MIN_RSA_BITS} bits or more; this one has ${bits}.`;
  if (e < 3n || e % 2n === 0n || e >= 2n ** 64n || n % 2n === 0n) return damaged;
  return isKey({ kty: 'RSA', n: url(modulus), e: url(exponent) }) ? null : damaged;
}

/** A number above zero in the one form that RFC 4251 section 5 allows: the same key has one fingerprint only. */
function isPositive(number: Buffer | undefined): number is Buffer {
  const [first, second = 0] = number ?? [];
  if (first === undefined || first >= 128) return false;
  return first > 0 || second >= 128;
}

const curves: Readonly<Record<string, { readonly jwk: string; readonly bytes: number }>> = {
  nistp256: { jwk: 'P-256', bytes: 32 },
  nistp384: { jwk: 'P-384', bytes: 48 },
  nistp521: { jwk: 'P-521', bytes: 66 },
};

function inspectEcdsa(name: string, curve: Buffer | undefined, point: Buffer | undefined): string | null {
  const known = curves[name];
  if (known === undefined || curve?.toString('latin1') !== name || point === undefined) return damaged;
  // 4: an uncompressed point; OpenSSH writes no other form.
  if (point[0] !== 4 || point.length !== 1 + 2 * known.bytes) return damaged;
  const x = url(point.subarray(1, 1 + known.bytes));
  const y = url(point.subarray(1 + known.bytes));
  return isKey({ kty: 'EC', crv: known.jwk, x, y }) ? null : damaged;
}

/** Does OpenSSL take it for a key (a point that lies on its curve, a modulus it can use)? */
function isKey(jwk: webcrypto.JsonWebKey): boolean {
  try {
    createPublicKey({ key: jwk, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

function url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

/** Splits wire form into its length-prefixed fields; null if it does not come out even. */
function readFields(blob: Buffer): Buffer[] | null {
  const fields: Buffer[] = [];
  let offset = 0;
  while (offset < blob.length) {
    if (offset + 4 > blob.length) return null;
    const length = blob.readUInt32BE(offset);
    if (offset + 4 + length > blob.length) return null;
    fields.push(blob.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return fields;
}

function invalid(why: string): Outcome<PublicKey> {
  return refused({ field: 'key', code: 'custom', message: `key is invalid. ${why}` });
}
