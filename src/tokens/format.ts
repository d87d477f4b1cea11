// The forms of tokens. Never change the prefix or the checksum: it would make every token in use malformed, and
// secret scanners everywhere look for exactly this. Source: ghes-spec section 2.
import { crc32 } from 'node:zlib';
import { type RandomBytes, Secret } from '../secrets/secret.ts';

/** Digits, upper case, lower case, in this order: the checksum depends on it. */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BODY_LENGTH = 30;
const CHECKSUM_LENGTH = 6;

/** All kinds of tokens that GitHub's clients know, issued here or not, and the 40 hex digits of old. */
const forms = [
  /^gh[pous]_[0-9A-Za-z]{36}$/,
  /^ghr_[0-9A-Za-z]{76}$/,
  /^github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}$/,
  /^[0-9a-f]{40}$/,
];

/** Has the text the form of any kind of token? Neither its checksum nor its being known is looked at. */
export function hasTokenForm(text: string): boolean {
  return forms.some((form) => form.test(text));
}

/** What a token begins with, by whom it is held: a person, or an OAuth application for a person. */
export type TokenPrefix = 'ghp_' | 'gho_';

/** A new token: its prefix, 30 random base62 characters (178 bits) and their checksum. */
export function newToken(prefix: TokenPrefix, random: RandomBytes): Secret {
  const body = randomBase62(BODY_LENGTH, random);
  return new Secret(`${prefix}${body}${checksum(body)}`);
}

/** CRC-32 of the text, in base62, padded with `0` to six characters. */
export function checksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  while (rest > 0) {
    digits = ALPHABET.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits.padStart(CHECKSUM_LENGTH, '0');
}

/** The part of a token that lists may show, to tell tokens apart. */
export function lastEight(token: Secret): string {
  return token.expose().slice(-8);
}

/** Every character equally likely: bytes of 248 and more are drawn again. */
function randomBase62(length: number, random: RandomBytes): string {
  let text = '';
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < 248 && text.length < length) text += ALPHABET.charAt(byte % 62);
    }
  }
  return text;
}
