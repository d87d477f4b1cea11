// Reading an OpenPGP public key that somebody pasted. Only what the key's own signatures vouch for is believed. Run it in
// a process of its own (openpgp-reader.ts): keys can be made that take very long to read.
import { type AnyKeyPacket, enums, type Key, PacketList, readKeys, type Subkey } from 'openpgp';
import { armorProblem } from './armor.ts';

export interface OpenPgpPart {
  /** 16 hexadecimal digits, upper case. */
  readonly keyId: string;
  /** Base64 of the key's packet. */
  readonly publicKey: string;
  readonly capabilities: readonly Capability[];
  readonly revoked: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Null: never. */
  readonly expiresAt: number | null;
}

export interface OpenPgpKey extends OpenPgpPart {
  /** Hexadecimal, of the primary key. */
  readonly fingerprint: string;
  /** Addresses of user ids that the key itself certified. */
  readonly emails: readonly string[];
  readonly subkeys: readonly OpenPgpPart[];
}

export const capabilities = ['certify', 'sign', 'encrypt_comms', 'encrypt_storage'] as const;
export type Capability = (typeof capabilities)[number];

export type ReadKey =
  | { readonly ok: true; readonly key: OpenPgpKey }
  | { readonly ok: false; readonly why: string };

const MAX_PARTS = 100;
const MAX_SIGNATURES = 1000;
const MAX_EMAIL_LENGTH = 254;

/** Whether it has expired is not asked: expired keys have signed what is older. */
const ANY_TIME = null as unknown as Date;

export async function readOpenPgpKey(armored: string): Promise<ReadKey> {
  const refuse = (why: string): ReadKey => ({ ok: false, why });
  const problem = armorProblem(armored);
  if (problem !== null) return refuse(problem);
  let keys: readonly Key[];
  try {
    keys = await readKeys({ armoredKeys: armored.trim() });
  } catch {
    return refuse('We got an error doing that: it is not an armored OpenPGP public key.');
  }
  const [key] = keys;
  if (key === undefined || keys.length > 1) return refuse('Give one public key.');
  if (key.isPrivate()) return refuse('That is a private key: never give it to anybody.');
  if (key.users.length > MAX_PARTS || key.subkeys.length > MAX_PARTS) return refuse('It has too many parts.');
  if (signaturesOf(key) > MAX_SIGNATURES) return refuse('It has too many signatures.');
  try {
    return { ok: true, key: await factsOf(key) };
  } catch {
    return refuse('Its own signatures do not hold, or it is of a kind that is too weak.');
  }
}

function signaturesOf(key: Key): number {
  const ofUsers = key.users.map(
    ({ selfCertifications, otherCertifications, revocationSignatures }) =>
      selfCertifications.length + otherCertifications.length + revocationSignatures.length,
  );
  const ofSubkeys = key.subkeys.map(
    ({ bindingSignatures, revocationSignatures }) => bindingSignatures.length + revocationSignatures.length,
  );
  return [...ofUsers, ...ofSubkeys].reduce((sum, count) => sum + count, 0);
}

async function factsOf(key: Key): Promise<OpenPgpKey> {
  const primary = await key.getPrimaryUser(ANY_TIME);
  const emails: string[] = [];
  for (const user of key.users) {
    const email = user.userID?.email ?? '';
    if (email === '' || email.length > MAX_EMAIL_LENGTH || emails.includes(email)) continue;
    const holds = await user.verify(ANY_TIME).catch(() => false);
    if (holds === true) emails.push(email);
  }
  const subkeys: OpenPgpPart[] = [];
  for (const subkey of key.subkeys) {
    const binding = await subkey.verify(ANY_TIME).catch(() => null);
    if (binding !== null) subkeys.push(await subkeyFacts(subkey, binding.keyFlags));
  }
  return {
    ...partOf(key.keyPacket, primary.selfCertification.keyFlags),
    fingerprint: key.getFingerprint(),
    emails,
    subkeys,
    revoked: await key.isRevoked(undefined, undefined, ANY_TIME),
    expiresAt: instantOf(await key.getExpirationTime()),
  };
}

async function subkeyFacts(subkey: Subkey, flags: Uint8Array | null): Promise<OpenPgpPart> {
  return {
    ...partOf(subkey.keyPacket, flags),
    revoked: subkey.revocationSignatures.length > 0,
    expiresAt: instantOf(await subkey.getExpirationTime(ANY_TIME)),
  };
}

function partOf(packet: AnyKeyPacket, flags: Uint8Array | null) {
  const list = new PacketList<AnyKeyPacket>();
  list.push(packet);
  return {
    keyId: packet.getKeyID().toHex().toUpperCase(),
    publicKey: Buffer.from(list.write()).toString('base64'),
    capabilities: capabilitiesOf(flags?.[0] ?? 0),
    createdAt: packet.created.getTime(),
  };
}

function capabilitiesOf(flags: number): readonly Capability[] {
  const { certifyKeys, signData, encryptCommunication, encryptStorage } = enums.keyFlags;
  const bits = {
    certify: certifyKeys,
    sign: signData,
    encrypt_comms: encryptCommunication,
    encrypt_storage: encryptStorage,
  };
  return capabilities.filter((name) => (flags & bits[name]) !== 0);
}

function instantOf(time: Date | typeof Infinity | null): number | null {
  return time instanceof Date && !Number.isNaN(time.getTime()) ? time.getTime() : null;
}
