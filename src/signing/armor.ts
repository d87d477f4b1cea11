// The outside of an OpenPGP key as people paste it: what can be seen without reading the key.

const MAX_ARMORED_LENGTH = 256 * 1024;

export const FIRST_LINE = '-----BEGIN PGP PUBLIC KEY BLOCK-----';
const LAST_LINE = '-----END PGP PUBLIC KEY BLOCK-----';

/** Why it can't be one public key; null: it may be one. */
export function armorProblem(armored: string): string | null {
  if (armored.length > MAX_ARMORED_LENGTH) return 'It is longer than a key may be.';
  if (/PRIVATE KEY BLOCK/.test(armored)) return 'That is a private key: never give it to anybody.';
  const text = armored.trim();
  const isOne =
    text.startsWith(FIRST_LINE) && text.endsWith(LAST_LINE) && text.split('-----BEGIN').length === 2;
  return isOne ? null : `Give one public key, from ${FIRST_LINE} to ${LAST_LINE}.`;
}
