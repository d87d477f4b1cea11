// Passwords: what is asked of a new one, and Argon2id for keeping it. Stored as PHC strings, so that the
// parameters can grow: an older hash still verifies and is replaced at the next sign-in.
import { type Argon2Parameters, argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordCost } from '../config/config.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { isCommonPassword } from './common-passwords.ts';

/**
 * Eight, with common ones refused, rather than fifteen (NIST SP 800-63B §5.1.1.2 allows either way of keeping
 * guesses out where attempts are throttled): it is what GitHub's users know, and what is short and unusual
 * outlives the throttle by far.
 */
export const MIN_PASSWORD_LENGTH = 8;

/** Longer than any passphrase; without a bound, megabytes could be sent to be hashed. */
const MAX_PASSWORD_BYTES = 1024;

const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** How many run at once: 38 MiB, and two of Node's four worker threads stay free for files. */
const RUNNING = 2;
/** How many strangers' attempts may wait; at 50 ms each, the last waits about two seconds. */
const WAITING = 64;

/** Too many sign-ins at once: to be answered by 503 and "try again". */
export class PasswordsBusyError extends Error {
  override name = 'PasswordsBusyError';
  readonly statusCode = 503;

  constructor() {
    super('Too many people are signing in at this moment. Try again in a few seconds.');
  }
}

/**
 * What is wrong with a password that somebody wants to have; null: nothing.
 * @param names the person's own: login, e-mail address, display name
 */
export function passwordProblem(password: Secret, names: readonly string[] = []): Problem | null {
  const text = normal(password);
  const problem = (code: Problem['code'], message: string): Problem => ({ field: 'password', code, message });
  if (text === '') return problem('missing_field', "Password can't be blank.");
  if ([...text.slice(0, 4 * MIN_PASSWORD_LENGTH)].length < MIN_PASSWORD_LENGTH) {
    return problem('invalid', `Password is too short (at least ${MIN_PASSWORD_LENGTH} characters).`);
  }
  if (isTooLong(text)) {
    return problem('invalid', `Password is too long (at most ${MAX_PASSWORD_BYTES} bytes).`);
  }
  if (isCommonPassword(text, names)) {
    return problem('custom', 'Password is too easy to guess: it is among those that are tried first.');
  }
  return null;
}

/** The PHC string to store: `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`. */
export async function hashPassword(
  ctx: Context,
  password: Secret,
  cost = ctx.config.passwordCost,
): Promise<string> {
  const salt = ctx.random(SALT_BYTES);
  const tag = await derive(ctx, normal(password), salt, TAG_BYTES, cost, Number.POSITIVE_INFINITY);
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${base64(salt)}$${base64(tag)}`;
}

/** `rehash`: it is right, but was stored with other parameters than today's: store it anew. */
export type Verified = 'wrong' | 'right' | 'rehash';

/**
 * Is this the password? Takes the same time when there is nothing to compare with.
 * @param stored PHC string; null: there is no such account, or it has no password yet
 * @throws PasswordsBusyError
 */
export async function verifyPassword(
  ctx: Context,
  password: Secret,
  stored: string | null,
): Promise<Verified> {
  const text = normal(password);
  if (isTooLong(text)) return 'wrong';
  const known = stored === null ? null : parse(stored);
  if (known === null) {
    await derive(ctx, text, ctx.random(SALT_BYTES), TAG_BYTES, ctx.config.passwordCost, WAITING);
    return 'wrong';
  }
  const tag = await derive(ctx, text, known.salt, known.tag.length, known.cost, WAITING);
  if (!timingSafeEqual(tag, known.tag)) return 'wrong';
  const { memory, passes, parallelism } = known.cost;
  const present = ctx.config.passwordCost;
  const same = memory === present.memory && passes === present.passes && parallelism === present.parallelism;
  return same && known.tag.length === TAG_BYTES ? 'right' : 'rehash';
}

/** The same text however the keyboard composed it (NIST SP 800-63B §5.1.1.2: NFKC before hashing). */
function normal(password: Secret): string {
  const text = password.expose();
  return isTooLong(text) ? text : text.normalize('NFKC');
}

function isTooLong(text: string): boolean {
  return text.length > MAX_PASSWORD_BYTES || Buffer.byteLength(text) > MAX_PASSWORD_BYTES;
}

function parse(stored: string): { cost: PasswordCost; salt: Uint8Array; tag: Uint8Array } | null {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(stored);
  if (match === null) return null;
  const [, memory, passes, parallelism, salt = '', tag = ''] = match;
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

/** Base64 without padding, as PHC strings have it. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

const argon2Async = promisify<'argon2id', Argon2Parameters, Buffer>(argon2);

async function derive(
  ctx: Context,
  message: string,
  nonce: Uint8Array,
  tagLength: number,
  cost: PasswordCost,
  maxWaiting: number,
): Promise<Buffer> {
  const gate = gateOf(ctx);
  await gate.enter(maxWaiting);
  try {
    return await argon2Async('argon2id', { message, nonce, tagLength, ...cost });
  } finally {
    gate.leave();
  }
}

interface Gate {
  enter(maxWaiting: number): Promise<void>;
  leave(): void;
}

/** Each server's gate hangs on its database, the one thing that all its contexts share. */
const gates = new WeakMap<Context['db'], Gate>();

function gateOf(ctx: Context): Gate {
  const known = gates.get(ctx.db);
  if (known !== undefined) return known;
  const made = createGate(RUNNING);
  gates.set(ctx.db, made);
  return made;
}

function createGate(places: number): Gate {
  let free = places;
  const waiting: (() => void)[] = [];
  return {
    async enter(maxWaiting) {
      if (free > 0) {
        free -= 1;
        return;
      }
      if (waiting.length >= maxWaiting) throw new PasswordsBusyError();
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    leave() {
      const next = waiting.shift();
      if (next !== undefined) next();
      else free += 1;
    },
  };
}
