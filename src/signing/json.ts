// Keys that sign, as the API shows them (GHES 3.8: gpg-key, ssh-signing-key).
import { timestamp } from '../api/urls.ts';
import type { GpgKey, GpgPart, SigningKey } from './signing.ts';

/** @param verified the account's addresses that are known to be its own, in lower case */
export function gpgKeyJson(key: GpgKey, verified: ReadonlySet<string>) {
  return {
    name: key.name,
    ...partJson(key),
    primary_key_id: null,
    emails: key.emails.map((email) => ({ email, verified: verified.has(email.toLowerCase()) })),
    subkeys: key.subkeys.map((subkey) => ({
      ...partJson(subkey),
      primary_key_id: key.id,
      emails: [],
      subkeys: [],
      raw_key: null,
    })),
    raw_key: key.rawKey,
  };
}

function partJson(part: GpgPart) {
  const can = (capability: GpgPart['capabilities'][number]) => part.capabilities.includes(capability);
  return {
    id: part.id,
    key_id: part.keyId,
    public_key: part.publicKey,
    can_sign: can('sign'),
    can_encrypt_comms: can('encrypt_comms'),
    can_encrypt_storage: can('encrypt_storage'),
    can_certify: can('certify'),
    created_at: timestamp(part.createdAt),
    expires_at: part.expiresAt === null ? null : timestamp(part.expiresAt),
    revoked: part.revoked,
  };
}

export function signingKeyJson({ id, title, key, createdAt }: SigningKey) {
  return { key, id, title, created_at: timestamp(createdAt) };
}
