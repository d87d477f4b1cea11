// What people let applications do for them (ghes-spec 8, 3). It lasts until it is revoked: then the application's
// tokens of this person are dead at once, and the keys that it made are gone.
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { deleteKeysOfApplication } from '../keys/keys.ts';
import { doneBy } from '../mail/doers.ts';
import { oneLine } from '../mail/letters.ts';
import { notify } from '../mail/notices.ts';
import { normalForm, type Scopes } from '../scopes/scopes.ts';
import { removeTokensIn } from '../tokens/tokens.ts';
import type { Application } from './applications.ts';
import * as store from './authorization-store.ts';

export interface Authorization {
  readonly id: number;
  readonly account: Person;
  readonly applicationId: number;
  /** All that were ever granted, in normal form. */
  readonly scopes: Scopes;
  readonly createdAt: number;
  readonly updatedAt: number;
}

interface Person {
  readonly id: number;
  readonly login: string;
}

/**
 * Lets an application do what these scopes open, beside what it may already. The person is told the first time, and
 * when it gets more.
 * @param db the transaction that makes the code
 */
export async function authorize(
  ctx: Acting,
  db: Db,
  account: Person,
  application: Application,
  scopes: Scopes,
): Promise<void> {
  const which = { accountId: account.id, applicationId: application.id };
  const before = await store.find(db, which);
  const all = normalForm([...(before?.scopes ?? []), ...scopes]);
  if (before === null) await store.insert(db, which, all, ctx.now());
  else if (all.join() !== before.scopes.join()) await store.setScopes(db, before.id, all, ctx.now());
  else return;
  await recordAuthorization(ctx, db, before === null ? 'create' : 'update', account, application, {
    token_scopes: all,
    ...(before === null ? {} : { token_scopes_was: before.scopes }),
  });
  const name = `“${oneLine(application.name, 80)}”`;
  await notify(ctx, db, {
    accountId: account.id,
    subject: before === null ? `You authorized ${name}` : `You let ${name} do more`,
    text:
      before === null
        ? `The application ${name} was authorized to act for your account.`
        : `The application ${name}, which acts for your account, was allowed more than before.`,
    facts: [
      ['Application', application.name],
      ['Owner', application.owner?.login ?? 'known to this server from the start'],
      ['Scopes', all.length === 0 ? 'none: what is public' : all.join(', ')],
      ...doneBy(ctx),
    ],
    path: `/settings/connections/applications/${application.clientId}`,
    advice:
      'If this was not you, revoke it on the page above, change your password, and look at your sessions.',
  });
}

export function findAuthorization(
  ctx: Pick<Context, 'db'>,
  which: { readonly accountId: number; readonly applicationId: number },
): Promise<Authorization | null> {
  return store.find(ctx.db, which);
}

/** What the person lets applications do, the newest first. */
export function authorizationsOf(ctx: Context, accountId: number): Promise<readonly Authorization[]> {
  return store.listOf(ctx.db, accountId);
}

/** How many people let it act for them? */
export function countAuthorizations(ctx: Context, applicationId: number): Promise<number> {
  return store.count(ctx.db, applicationId);
}

/** The same of every application, by its id; of one that nobody has authorized there is nothing. */
export function countAllAuthorizations(ctx: Context): Promise<ReadonlyMap<number, number>> {
  return store.countAll(ctx.db);
}

/**
 * Ends what the person lets the application do: its tokens of them are dead at once, the keys it made are gone, and
 * codes that are under way are good for nothing.
 * @param explanation for the log
 * @returns false when there was nothing to end
 */
export function revokeAuthorization(
  ctx: Acting,
  account: Person,
  application: Application,
  explanation: string,
): Promise<boolean> {
  return ctx.db.transaction().execute((db) => endAuthorization(ctx, db, account, application, explanation));
}

/** @param db the transaction of what it is ended with */
async function endAuthorization(
  ctx: Acting,
  db: Db,
  account: Person,
  application: Application,
  explanation: string,
): Promise<boolean> {
  const which = { accountId: account.id, applicationId: application.id };
  const removed = await store.remove(db, which);
  await store.removeCodes(db, which);
  const tokens = await removeTokensIn(
    ctx,
    db,
    { applicationId: application.id, ofAccount: account.id },
    explanation,
  );
  await deleteKeysOfApplication(ctx, db, which);
  if (removed) await recordAuthorization(ctx, db, 'destroy', account, application, { explanation });
  return removed || tokens.length > 0;
}

/** For everybody. @returns how many people let it act for them */
export async function endAllAuthorizations(
  ctx: Acting,
  db: Db,
  application: Application,
  explanation: string,
): Promise<number> {
  const all = await store.listOfApplication(db, application.id);
  for (const { account } of all) await endAuthorization(ctx, db, account, application, explanation);
  // Whatever hangs on it without an authorization.
  await removeTokensIn(ctx, db, { applicationId: application.id }, explanation);
  await deleteKeysOfApplication(ctx, db, { applicationId: application.id });
  return all.length;
}

const operations = { create: 'create', update: 'modify', destroy: 'remove' } as const;

async function recordAuthorization(
  ctx: Acting,
  db: Db,
  what: keyof typeof operations,
  account: Person,
  application: Application,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  await record(ctx, db, {
    action: `oauth_authorization.${what}`,
    operation: operations[what],
    user: account,
    data: {
      oauth_application_id: application.id,
      oauth_application_name: application.name,
      client_id: application.clientId,
      ...data,
    },
  });
}
