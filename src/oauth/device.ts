// The device flow (ghes-spec 8.2, RFC 8628): a program without a browser shows eight letters, a person types them on
// a page anywhere and says what it may do, and the program, which asks again and again meanwhile, gets its token once.
import type { Acting, Context } from '../context.ts';
import { normalForm, type Scopes } from '../scopes/scopes.ts';
import { type RandomBytes, Secret } from '../secrets/secret.ts';
import { issueApplicationToken } from '../tokens/application-tokens.ts';
import type { IssuedToken } from '../tokens/tokens.ts';
import { type Application, findApplication } from './applications.ts';
import { authorize } from './authorizations.ts';
import * as store from './device-store.ts';

/** How long the letters may be typed, in seconds. */
export const DEVICE_LIFE_SECONDS = 900;
/** How long a program waits between two questions at least, and what a question too early adds, in seconds. */
export const POLL_INTERVAL_SECONDS = 5;
/** gh gives up at the second `slow_down`: a question that comes a little early is none too early (ghes-spec 8.2). */
const LENIENCY = 0.15;
/** Consonants that are not mistaken for each other, and spell nothing (RFC 8628 §6.1): 34 bits in eight. */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';
const CODE_LENGTH = 8;
/** How long a code is remembered after its end, so that it is told as expired. */
const REMEMBERED_MS = 60 * 60_000;

export interface Device {
  /** 40 characters: what the program proves itself by when it asks. */
  readonly deviceCode: Secret;
  /** `XXXX-XXXX`: what it shows. */
  readonly userCode: string;
}

/** A program begins: nothing is granted yet. */
export async function beginDevice(ctx: Context, application: Application, scopes: Scopes): Promise<Device> {
  for (;;) {
    const deviceCode = new Secret(Buffer.from(ctx.random(20)).toString('hex'));
    const letters = randomLetters(ctx.random);
    const isFree = await store.insert(ctx.db, {
      deviceHash: deviceCode.hash(),
      userHash: new Secret(letters).hash(),
      applicationId: application.id,
      scopes: normalForm(scopes),
      intervalSeconds: POLL_INTERVAL_SECONDS,
      expiresAt: ctx.now() + DEVICE_LIFE_SECONDS * 1000,
    });
    if (isFree) return { deviceCode, userCode: `${letters.slice(0, 4)}-${letters.slice(4)}` };
  }
}

/** What somebody typed as eight letters: in any case, with or without a dash or spaces. Null: it can be no code. */
export function readUserCode(text: string): Secret | null {
  const letters = text.toUpperCase().replaceAll(/[\s\-‐-―]/g, '');
  return letters.length === CODE_LENGTH && [...letters].every((letter) => LETTERS.includes(letter))
    ? new Secret(letters)
    : null;
}

export interface PendingDevice {
  readonly application: Application;
  /** What it asks for. */
  readonly scopes: Scopes;
}

/** The device that waits for these letters; null: none does, or no more. */
export async function findPendingDevice(ctx: Context, userCode: Secret): Promise<PendingDevice | null> {
  const device = await store.findByUserCode(ctx.db, userCode.hash());
  if (device === null || device.state !== 'pending' || device.expiresAt <= ctx.now()) return null;
  const application = await findApplication(ctx, device.applicationId);
  return application?.enabled === true ? { application, scopes: device.scopes } : null;
}

/**
 * The person lets the program act. @param scopes what they granted, of what was asked for
 * @returns false when the code is there no more, or was answered by somebody before
 */
export function approveDevice(
  ctx: Acting,
  account: { readonly id: number; readonly login: string },
  userCode: Secret,
  { application, scopes }: PendingDevice,
): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    const answered = { state: 'approved', accountId: account.id, scopes, now: ctx.now() } as const;
    if (!(await store.answer(db, userCode.hash(), answered))) return false;
    await authorize(ctx, db, account, application, scopes);
    return true;
  });
}

/** The person refuses: the code is dead. @returns false when it is there no more, or was answered before */
export function denyDevice(ctx: Context, accountId: number, userCode: Secret): Promise<boolean> {
  return store.answer(ctx.db, userCode.hash(), { state: 'denied', accountId, scopes: [], now: ctx.now() });
}

export type Polled =
  | { readonly ok: true; readonly issued: IssuedToken }
  | { readonly ok: false; readonly because: 'slow_down'; readonly intervalSeconds: number }
  | {
      readonly ok: false;
      readonly because:
        | 'authorization_pending'
        | 'expired_token'
        | 'incorrect_device_code'
        | 'access_denied'
        | 'too_many_tokens';
    };

/** The program asks whether it was let, and gets its token, once. @param application that has shown who it is */
export function pollDevice(ctx: Acting, application: Application, deviceCode: Secret): Promise<Polled> {
  const hash = deviceCode.hash();
  return ctx.db.transaction().execute(async (db): Promise<Polled> => {
    const now = ctx.now();
    const device = await store.findByDeviceCode(db, hash);
    if (device === null || device.applicationId !== application.id) return no('incorrect_device_code');
    if (device.expiresAt <= now) return no('expired_token');
    const { intervalSeconds, lastPolledAt, account, scopes } = device;
    const isEarly = lastPolledAt !== null && now - lastPolledAt < intervalSeconds * 1000 * (1 - LENIENCY);
    const next = isEarly ? intervalSeconds + POLL_INTERVAL_SECONDS : intervalSeconds;
    await store.notePoll(db, hash, { at: now, intervalSeconds: next });
    if (isEarly) return { ok: false, because: 'slow_down', intervalSeconds: next };
    if (device.state === 'pending') return no('authorization_pending');
    if (device.state === 'denied' || account === null || account.suspended) return no('access_denied');
    const by = { ...ctx, by: { ...ctx.by, account: { id: account.id, login: account.login } } };
    const issued = await issueApplicationToken(by, db, { accountId: account.id, application, scopes });
    if (issued === null) return no('too_many_tokens');
    await store.remove(db, hash);
    return { ok: true, issued };
  });
}

/** Forgets codes that ended long ago. */
export function forgetOldDevices(ctx: Context): Promise<void> {
  return store.removeBefore(ctx.db, ctx.now() - REMEMBERED_MS);
}

const no = <B extends Exclude<Polled, { ok: true } | { because: 'slow_down' }>['because']>(because: B) =>
  ({ ok: false, because }) as const;

/** Every letter equally likely: bytes of 240 and more are drawn again. */
function randomLetters(random: RandomBytes): string {
  let text = '';
  while (text.length < CODE_LENGTH) {
    for (const byte of random(CODE_LENGTH)) {
      if (byte < 240 && text.length < CODE_LENGTH) text += LETTERS.charAt(byte % LETTERS.length);
    }
  }
  return text;
}
