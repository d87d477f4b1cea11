// Recovery codes: for who has lost every second factor. Ten, each good once, 80 random bits each, so that their plain
// SHA-256 at rest can't be guessed backwards.
import type { Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { Secret } from '../secrets/secret.ts';
import { writeRecoveryCodes } from './factor-store.ts';

export const RECOVERY_CODES = 10;

/** No letters that look like digits or like one another (Crockford's Base32). */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 16;

/** Replaces all codes of the account. They are shown now, and never again. */
export async function makeRecoveryCodes(ctx: Context, db: Db, accountId: number): Promise<readonly Secret[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () =>
    Array.from(ctx.random(LENGTH), (byte) => alphabet[byte % alphabet.length]).join(''),
  );
  await writeRecoveryCodes(
    db,
    accountId,
    codes.map((code) => new Secret(code).hash()),
  );
  return codes.map((code) => new Secret(asShown(code)));
}

/** `3f7k-9q2m-x0vb-71ds` */
function asShown(code: string): string {
  return code.replaceAll(/(.{4})(?=.)/g, '$1-');
}

/** The hash to look a typed code up by; null: it can't be one. */
export function hashOf(typed: string): Uint8Array | null {
  const plain = typed
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('o', '0')
    .replaceAll(/[il]/g, '1');
  const isCode = plain.length === LENGTH && [...plain].every((character) => alphabet.includes(character));
  return isCode ? new Secret(plain).hash() : null;
}
