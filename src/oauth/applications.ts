// Applications that people may let act for them (ghes-spec 8): registered by a person or an organisation, or known to
// every instance from the start. A client secret is kept as its hash, and shown once.
import type { OwnerKind } from '../accounts/owners.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { done, type Outcome, type Problem, refused, textProblem } from '../problems.ts';
import { type RandomBytes, Secret } from '../secrets/secret.ts';
import * as store from './application-store.ts';
import { endAllAuthorizations } from './authorizations.ts';
import { disguiseProblem, passesFor } from './names.ts';
import { callbackProblem } from './redirects.ts';

export interface Application {
  readonly id: number;
  /** Null: known to every instance from the start (ghes-spec 8.3). */
  readonly owner: { readonly id: number; readonly login: string; readonly kind: OwnerKind } | null;
  readonly clientId: string;
  readonly name: string;
  /** Of its homepage. */
  readonly url: string;
  readonly description: string | null;
  /** Where people may be led back to; to the first where a request names none. */
  readonly callbacks: readonly [string, ...string[]];
  /** Can't keep a secret: any is accepted, and PKCE, a loopback address or a device code proves it instead. */
  readonly isPublic: boolean;
  readonly deviceFlow: boolean;
  /** Switched off by a site admin otherwise: nobody can authorize it, and its tokens are dead while it is off. */
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ClientSecret {
  readonly id: number;
  readonly lastEight: string;
  /** Login of who made it; null: they are gone. */
  readonly addedBy: string | null;
  readonly createdAt: number;
  /** To the minute. */
  readonly lastUsedAt: number | null;
}

/** What its owner says of it. */
export interface ApplicationFields {
  readonly name: string;
  readonly url: string;
  readonly description: string;
  readonly callbackUrl: string;
  readonly deviceFlow: boolean;
  readonly isPublic: boolean;
}

const MAX_APPLICATIONS = 100;
export const MAX_SECRETS = 10;
const MAX_NAME_LENGTH = 100;
const MAX_DESCRIPTION_LENGTH = 500;
const MAX_URL_LENGTH = 1_000;
const USE_EVERY_MS = 60_000;

type Owner = Pick<NonNullable<Application['owner']>, 'id' | 'login' | 'kind'>;

/** Registers an application. Refused when its owner has a hundred, and when a field is missing or malformed. */
export async function registerApplication(
  ctx: Acting,
  owner: Owner,
  fields: ApplicationFields,
): Promise<Outcome<Application>> {
  const read = readFields(fields);
  if (!read.ok) return read;
  return ctx.db.transaction().execute(async (db): Promise<Outcome<Application>> => {
    if ((await store.listOf(db, owner.id)).length >= MAX_APPLICATIONS) return refused(tooMany);
    const taken = await takenName(db, read.value.name);
    if (taken !== null) return refused(taken);
    const clientId = hex(ctx.random, 10);
    const id = await store.insert(db, { ...read.value, ownerId: owner.id, clientId, now: ctx.now() });
    const application = await found(db, id);
    await recordApplication(ctx, db, 'create', application);
    return done(application);
  });
}

/** Changes what its owner says of it. */
export async function updateApplication(
  ctx: Acting,
  application: Application,
  fields: ApplicationFields,
): Promise<Outcome<Application>> {
  const read = readFields(fields);
  if (!read.ok) return read;
  return ctx.db.transaction().execute(async (db): Promise<Outcome<Application>> => {
    const taken = await takenName(db, read.value.name);
    if (taken !== null) return refused(taken);
    await store.update(db, application.id, ctx.now(), read.value);
    const changed = await store.find(db, application);
    if (changed === null) return refused(gone);
    await recordApplication(ctx, db, 'update', changed, {
      ...(changed.name === application.name ? {} : { oauth_application_name_was: application.name }),
      ...(changed.callbacks.join() === application.callbacks.join()
        ? {}
        : { callback_url: changed.callbacks[0], callback_url_was: application.callbacks[0] }),
    });
    return done(changed);
  });
}

/** Switches it off, or on again: for site admins. Nothing is deleted: its tokens are dead while it is off. */
export async function setApplicationEnabled(
  ctx: Acting,
  application: Application,
  enabled: boolean,
): Promise<void> {
  await ctx.db.transaction().execute(async (db) => {
    await store.setEnabled(db, application.id, enabled, ctx.now());
    await recordApplication(ctx, db, enabled ? 'enable' : 'disable', application);
  });
}

/** Deletes it, with all its tokens, what people let it do, and the keys it made. */
export async function deleteApplication(ctx: Acting, application: Application): Promise<void> {
  await ctx.db.transaction().execute((db) => deleteIn(ctx, db, application));
}

async function deleteIn(ctx: Acting, db: Db, application: Application): Promise<void> {
  await endAllAuthorizations(ctx, db, application, 'the application was deleted');
  await store.remove(db, application.id);
  await recordApplication(ctx, db, 'destroy', application);
}

/** Deletes all applications of an account, with it. @param db the transaction that deletes it */
export async function deleteApplicationsOf(ctx: Acting, db: Db, ownerId: number): Promise<void> {
  for (const application of await store.listOf(db, ownerId)) await deleteIn(ctx, db, application);
}

/** Ends what everybody lets it do: its tokens are dead, and the keys they made are gone. @returns for how many people */
export async function revokeAllTokens(ctx: Acting, application: Application): Promise<number> {
  return ctx.db.transaction().execute(async (db) => {
    const count = await endAllAuthorizations(ctx, db, application, 'revoked by the owner of the application');
    await recordApplication(ctx, db, 'revoke_all_tokens', application);
    return count;
  });
}

/** A new client secret beside those it has. Refused when it has ten. */
export async function generateClientSecret(ctx: Acting, application: Application): Promise<Outcome<Secret>> {
  const secret = new Secret(hex(ctx.random, 20));
  return ctx.db.transaction().execute(async (db): Promise<Outcome<Secret>> => {
    if ((await store.secretsOf(db, application.id)).length >= MAX_SECRETS) return refused(tooManySecrets);
    const last = secret.expose().slice(-8);
    await store.insertSecret(db, {
      applicationId: application.id,
      hash: secret.hash(),
      lastEight: last,
      addedBy: ctx.by.account?.id ?? null,
      now: ctx.now(),
    });
    await recordApplication(ctx, db, 'generate_client_secret', application, {
      client_secret_last_eight: last,
    });
    return done(secret);
  });
}

/** @returns false when there was none */
export async function removeClientSecret(
  ctx: Acting,
  application: Application,
  id: number,
): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    const removed = await store.removeSecret(db, application.id, id);
    if (removed === null) return false;
    await recordApplication(ctx, db, 'remove_client_secret', application, {
      client_secret_last_eight: removed.lastEight,
    });
    return true;
  });
}

/** The newest first. */
export function clientSecretsOf(ctx: Context, application: Application): Promise<readonly ClientSecret[]> {
  return store.secretsOf(ctx.db, application.id);
}

/** By name. @param ownerId null: those known from the start */
export function applicationsOf(ctx: Context, ownerId: number | null): Promise<readonly Application[]> {
  return store.listOf(ctx.db, ownerId);
}

/** Every one of the instance, those known from the start before the others. */
export function allApplications(ctx: Context): Promise<readonly Application[]> {
  return store.listAll(ctx.db);
}

export function findApplication(ctx: Context, id: number): Promise<Application | null> {
  return store.find(ctx.db, { id });
}

/** By the number that clients know it by. Any text is safe here. */
export async function findApplicationByClientId(ctx: Context, clientId: string): Promise<Application | null> {
  return /^[\w.-]{1,64}$/.test(clientId) ? store.find(ctx.db, { clientId }) : null;
}

/**
 * The application that has shown who it is by its secret. Of one that can't keep a secret, any is as good as none.
 * @returns null where there is no such application, or the secret is none of its own
 */
export async function verifyClient(
  ctx: Context,
  clientId: string,
  secret: Secret | null,
): Promise<Application | null> {
  const application = await findApplicationByClientId(ctx, clientId);
  if (application === null || application.isPublic) return application;
  return secret !== null && (await holdsClientSecret(ctx, application, secret)) ? application : null;
}

/** Is this one of the application's secrets? Looked up by its hash: their texts are never compared. */
export async function holdsClientSecret(
  ctx: Context,
  application: Application,
  secret: Secret,
): Promise<boolean> {
  const row = await store.secretBy(ctx.db, application.id, secret.hash());
  if (row === null) return false;
  const now = ctx.now();
  if (row.lastUsedAt === null || now - row.lastUsedAt >= USE_EVERY_MS) {
    await store.noteSecretUse(ctx.db, row.id, now);
  }
  return true;
}

const operations = {
  create: 'create',
  update: 'modify',
  enable: 'modify',
  disable: 'modify',
  destroy: 'remove',
  revoke_all_tokens: 'remove',
  generate_client_secret: 'create',
  remove_client_secret: 'remove',
} as const;

async function recordApplication(
  ctx: Acting,
  db: Db,
  what: keyof typeof operations,
  application: Application,
  data: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { owner } = application;
  await record(ctx, db, {
    action: `oauth_application.${what}`,
    operation: operations[what],
    ...(owner?.kind === 'user' ? { user: owner } : {}),
    ...(owner?.kind === 'organization' ? { organization: owner } : {}),
    data: {
      oauth_application_id: application.id,
      oauth_application_name: application.name,
      client_id: application.clientId,
      ...data,
    },
  });
}

function readFields(fields: ApplicationFields): Outcome<store.ApplicationColumns> {
  const name = fields.name.trim().normalize('NFC');
  const url = fields.url.trim();
  const description = fields.description.trim();
  const callback = fields.callbackUrl.trim();
  const wrongCallback = callback === '' ? 'The callback URL is missing.' : callbackProblem(callback);
  const problems = [
    name === '' ? missing('name', 'The name of the application is missing.') : null,
    textProblem('name', 'The name', name, MAX_NAME_LENGTH),
    disguiseProblem(name),
    url === '' ? missing('url', 'The homepage URL is missing.') : homepageProblem(url),
    textProblem('description', 'The description', description, MAX_DESCRIPTION_LENGTH),
    wrongCallback === null
      ? null
      : ({ field: 'callback_url', code: 'invalid', message: wrongCallback } as const),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) return refused(...problems);
  return done({
    name,
    url,
    description: description === '' ? null : description,
    callbacks: [callback],
    isPublic: fields.isPublic,
    deviceFlow: fields.deviceFlow,
  });
}

function homepageProblem(text: string): Problem | null {
  const url = text.length > MAX_URL_LENGTH ? null : URL.parse(text);
  if (url !== null && /^https?:\/\/[\x21-\x7e]+$/i.test(text)) return null;
  return { field: 'url', code: 'invalid', message: 'The homepage must be a URL that begins with https://.' };
}

/** Nobody may pass for a client that every instance knows. */
async function takenName(db: Db, name: string): Promise<Problem | null> {
  const known = await store.listOf(db, null);
  if (!known.some((application) => passesFor(name, application.name))) return null;
  const message = 'An application of this server has this name, or one that is easily taken for it.';
  return { field: 'name', code: 'already_exists', message };
}

async function found(db: Db, id: number): Promise<Application> {
  const application = await store.find(db, { id });
  if (application === null) throw new Error('the application was not written');
  return application;
}

const hex = (random: RandomBytes, bytes: number): string => Buffer.from(random(bytes)).toString('hex');

const missing = (field: string, message: string): Problem => ({ field, code: 'missing_field', message });

const tooMany: Problem = {
  field: 'name',
  code: 'custom',
  message: `An account can have ${MAX_APPLICATIONS} applications at most: delete one first.`,
};
const tooManySecrets: Problem = {
  field: 'secret',
  code: 'custom',
  message: `An application can have ${MAX_SECRETS} client secrets at most: delete one first.`,
};
const gone: Problem = { field: 'id', code: 'invalid', message: 'There is no such application any more.' };
