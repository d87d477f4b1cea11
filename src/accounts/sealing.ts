// Secrets that must be known again in plain text, as an authenticator app's: sealed with AES-256-GCM, under a key
// that lies beside the database and not in it. A stolen copy of the database alone gives none of them away
// (docs/decisions/0014-second-factors.md).
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { keyFile } from '../secrets/key-file.ts';
import { Secret } from '../secrets/secret.ts';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What is sealed for one purpose (`authenticator app of account 7`) opens for that one only. */
export async function seal(ctx: Context, secret: Secret, purpose: string): Promise<Uint8Array> {
  const nonce = ctx.random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await sealingKey(ctx), nonce).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(secret.expose(), 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), sealed]);
}

/** Null: it was not sealed by this key for this purpose, or was changed since. */
export async function unseal(ctx: Context, sealed: Uint8Array, purpose: string): Promise<Secret | null> {
  const text = Buffer.from(sealed).subarray(1 + NONCE_BYTES + TAG_BYTES);
  if (sealed[0] !== VERSION || text.length === 0) return null;
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', await sealingKey(ctx), nonce)
    .setAAD(Buffer.from(purpose))
    .setAuthTag(sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES));
  try {
    return new Secret(Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8'));
  } catch {
    return null;
  }
}

function sealingKey(ctx: Context): Promise<Uint8Array> {
  return keyFile(join(ctx.config.dataDirectory, 'keys', 'second-factors.key'), ctx.random);
}
