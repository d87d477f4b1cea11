// A secret in plain text (`Secret`) and the digest under which it is stored (`SecretHash`) are two types, so
// that one can't be passed for the other. Printing a Secret in any way shows only `[secret]`.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    Object.freeze(this);
  }

  /** The plain text. Every call of it is a place where a secret leaves its type: keep them few. */
  expose(): string {
    return this.#text;
  }

  /** The SHA-256 of the text, as it is kept at rest. */
  hash(): SecretHash {
    return hash('sha256', this.#text, 'buffer') as unknown as SecretHash;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

declare const secretHash: unique symbol;

/** 32 bytes: SHA-256 of a secret. Look secrets up by it; never compare their texts. */
export type SecretHash = Uint8Array & { readonly [secretHash]: true };

/** A source of random bytes: `randomBytes` of node:crypto, or a seeded one in tests. */
export type RandomBytes = (count: number) => Uint8Array;

export const systemRandom: RandomBytes = (count) => randomBytes(count);

/**
 * A new random secret for cookies and one-time links, base64url.
 * @param bytes how much randomness it holds; 32 bytes are 256 bits.
 */
export function randomSecret(random: RandomBytes, bytes = 32): Secret {
  return new Secret(Buffer.from(random(bytes)).toString('base64url'));
}

/** Compares two texts in a time that does not depend on where they differ. */
export function sameText(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}
