// What the SSH server takes part in, by explicit lists: the library's defaults offer SHA-1 and zlib.
// Every client of the last ten years finds something here, those in FIPS mode too, by the finite-field groups. NIST's
// curves are left out for exchange and host key, as auditors ask; people's keys may be of them.
import type { Algorithms } from 'ssh2';

export const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: ['ssh-ed25519', 'rsa-sha2-512', 'rsa-sha2-256'],
  // Without ChaCha20, which would be done in WebAssembly, at half the speed, and which OpenSSH's client prefers.
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  // git sends packs compressed already.
  compress: ['none'],
} satisfies Algorithms;

/** With what clients may sign: RSA with SHA-2 only (ghes-spec 7.2). */
export const signatureAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;
