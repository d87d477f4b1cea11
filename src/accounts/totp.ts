// Authenticator apps: six digits that change every 30 seconds (TOTP, RFC 6238), as every such app makes them. A code
// of the step before or after counts too, since clocks differ; each counts once.
import { generateURI, ScureBase32Plugin, verifySync } from 'otplib';
import type { Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { Secret } from '../secrets/secret.ts';
import { type AppRow, useStep } from './factor-store.ts';
import { seal, unseal } from './sealing.ts';

const STEP_SECONDS = 30;
/** 160 bits (RFC 4226 §4 R6). */
const SECRET_BYTES = 20;
/** How long the page that shows a new secret may stay open. */
const SETUP_MS = 60 * 60_000;

/** An authenticator app on its way: kept nowhere until a code of it was typed. */
export interface NewApp {
  /** Base32, as people type it into the app. */
  readonly secret: Secret;
  /** What the QR code holds (`otpauth://totp/…`). */
  readonly uri: Secret;
  /** The secret as the form carries it, for this account and session alone; base64url. */
  readonly sealed: string;
}

export interface Owner {
  readonly accountId: number;
  readonly sessionId: number;
}

/** Makes a new secret for the app of this account. */
export async function newApp(ctx: Context, owner: Owner, login: string): Promise<NewApp> {
  const secret = new Secret(new ScureBase32Plugin().encode(ctx.random(SECRET_BYTES), { padding: false }));
  const dated = new Secret(`${ctx.now()}.${secret.expose()}`);
  const sealed = Buffer.from(await seal(ctx, dated, setupOf(owner))).toString('base64url');
  return { ...shownApp(ctx, secret, login), sealed };
}

/** The same app again, as when a code was mistyped; null: it was made too long ago, or for another session. */
export async function openNewApp(
  ctx: Context,
  owner: Owner,
  app: { readonly login: string; readonly sealed: string },
): Promise<NewApp | null> {
  const { login, sealed } = app;
  if (!/^[\w-]{40,400}$/.test(sealed)) return null;
  const dated = (await unseal(ctx, Buffer.from(sealed, 'base64url'), setupOf(owner)))?.expose();
  const [, at, text = ''] = /^(\d+)\.([A-Z2-7]+)$/.exec(dated ?? '') ?? [];
  if (at === undefined || ctx.now() - Number(at) >= SETUP_MS) return null;
  return { ...shownApp(ctx, new Secret(text), login), sealed };
}

function shownApp(ctx: Context, secret: Secret, login: string): Omit<NewApp, 'sealed'> {
  const issuer = `Latchkey ${new URL(ctx.config.url).host}`;
  return { secret, uri: new Secret(generateURI({ issuer, label: login, secret: secret.expose() })) };
}

/** The step of the secret's code that was typed; null: it is none that counts now. */
export function stepOfCode(ctx: Context, secret: Secret, typed: string): number | null {
  const code = typed.slice(0, 32).replaceAll(/[\s-]/g, '');
  if (!/^\d{6}$/.test(code)) return null;
  const result = verifySync({
    secret: secret.expose(),
    token: code,
    epoch: Math.floor(ctx.now() / 1000),
    epochTolerance: STEP_SECONDS,
    period: STEP_SECONDS,
  });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

/** A code that was found right; `use` must say yes in the transaction that it opens the way to. */
export interface RightCode {
  use(db: Db): Promise<boolean>;
}

/** Is this a code of the account's app, as it stands? Null: no. */
export async function checkCode(
  ctx: Context,
  accountId: number,
  typed: { readonly app: AppRow; readonly code: string },
): Promise<RightCode | null> {
  const { sealedSecret, lastStep } = typed.app;
  const secret = await unseal(ctx, sealedSecret, purposeOf(accountId));
  if (secret === null) {
    ctx.log.error(
      { account: accountId },
      'the secret of an authenticator app can not be opened: see DATA/keys',
    );
    return null;
  }
  const step = stepOfCode(ctx, secret, typed.code);
  if (step === null || step <= lastStep) return null;
  return { use: (db) => useStep(db, { accountId, sealedSecret, step, at: ctx.now() }) };
}

/** The secret as it is stored. */
export function sealApp(ctx: Context, accountId: number, secret: Secret): Promise<Uint8Array> {
  return seal(ctx, secret, purposeOf(accountId));
}

const purposeOf = (accountId: number): string => `authenticator app of account ${accountId}`;
const setupOf = ({ accountId, sessionId }: Owner): string =>
  `new authenticator app of account ${accountId} in session ${sessionId}`;
