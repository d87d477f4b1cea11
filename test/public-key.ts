// SSH public keys for tests, each a new one.
import { generateKeyPairSync } from 'node:crypto';

/** `ssh-ed25519 BASE64`, in the wire form of RFC 8709. */
export function newPublicKey(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const fields = [Buffer.from('ssh-ed25519'), Buffer.from(x, 'base64url')].flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return [length, field];
  });
  return `ssh-ed25519 ${Buffer.concat(fields).toString('base64')}`;
}
