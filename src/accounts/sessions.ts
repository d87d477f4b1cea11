// People signed in on the web: sessions in the database, 256 random bits each, SHA-256 at rest. A session that
// was not used for two weeks is dead (ghes-spec 1.4); so is every one of a suspended account.
import type { Actor } from '../access/actor.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import type { SessionsTable } from '../db/schema.ts';
import { randomSecret, type Secret } from '../secrets/secret.ts';
import { actingAs } from './accounts.ts';
import * as store from './session-store.ts';
import { accountById } from './store.ts';

export const SESSION_IDLE_MS = 14 * 24 * 60 * 60_000;

/** Sudo mode ends after two hours without anything that takes it (ghes-spec 1.4). */
export const SUDO_MS = 2 * 60 * 60_000;

/** A session's last use is written again only when the one on record is older than this. */
const USE_GRAIN_MS = 60_000;

const MAX_SESSIONS = 100;
const MAX_ADDRESS_LENGTH = 45;
const MAX_USER_AGENT_LENGTH = 255;

export interface Session {
  readonly id: number;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** Where it was begun, as the client's address was known then. */
  readonly address: string;
  readonly userAgent: string;
  /** What was proved beside the password. */
  readonly secondFactor: SecondFactor | null;
  /** When the person last proved who they are, or did something that takes it. */
  readonly sudoAt: number;
}

export type SecondFactor = NonNullable<SessionsTable['second_factor']>;

/** From where somebody signs in; bounded before it is stored. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}

/** Who comes in, how, and from where. */
export interface NewSession {
  readonly account: { readonly id: number; readonly login: string };
  readonly origin: Origin;
  readonly secondFactor: SecondFactor | null;
}

export interface BegunSession {
  readonly sessionId: number;
  /** Goes into the cookie and is never seen again. */
  readonly secret: Secret;
}

/** Begins a session, in the transaction that has judged all proofs (admission.ts). */
export async function beginSession(ctx: Acting, db: Db, session: NewSession): Promise<BegunSession> {
  const { account, origin, secondFactor } = session;
  const secret = randomSecret(ctx.random);
  const now = ctx.now();
  await store.pruneSessions(db, now - SESSION_IDLE_MS, account.id, MAX_SESSIONS - 1);
  const sessionId = await store.insertSession(db, {
    accountId: account.id,
    secretHash: secret.hash(),
    at: now,
    address: origin.address.slice(0, MAX_ADDRESS_LENGTH),
    userAgent: shown(origin.userAgent).slice(0, MAX_USER_AGENT_LENGTH),
    secondFactor,
  });
  const data = { session_id: sessionId, ...(secondFactor === null ? {} : { second_factor: secondFactor }) };
  const event = { action: 'user.login', operation: 'authentication', user: account, data } as const;
  await record(actingAs(ctx, account), db, event);
  return { sessionId, secret };
}

/** Begins a session without asking for any proof: for who has set the account up, and tests. */
export async function createSession(ctx: Acting, accountId: number, origin: Origin): Promise<BegunSession> {
  return ctx.db.transaction().execute(async (db) => {
    const account = await accountById(db, accountId);
    if (account === null) throw new Error(`There is no account ${accountId}`);
    return beginSession(ctx, db, { account, origin, secondFactor: null });
  });
}

function shown(text: string): string {
  return text.slice(0, 4 * MAX_USER_AGENT_LENGTH).replaceAll(/[\p{Cc}\p{Cf}]/gu, '');
}

/** The live ones, the last used first. */
export async function listSessions(ctx: Context, accountId: number): Promise<readonly Session[]> {
  const rows = await store.sessionsOf(ctx.db, accountId, ctx.now() - SESSION_IDLE_MS);
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    address: row.address,
    userAgent: row.user_agent,
    secondFactor: row.second_factor,
    sudoAt: row.sudo_at,
  }));
}

/** False: the account has no such session. */
export async function revokeSession(ctx: Acting, accountId: number, sessionId: number): Promise<boolean> {
  return (await revoke(ctx, accountId, { only: sessionId })) > 0;
}

/** Ends all sessions of the account but one; tells how many. */
export async function revokeOtherSessions(ctx: Acting, accountId: number, keep: number): Promise<number> {
  return revoke(ctx, accountId, { except: keep });
}

async function revoke(
  ctx: Acting,
  accountId: number,
  which: { readonly only: number } | { readonly except: number },
): Promise<number> {
  return ctx.db.transaction().execute(async (db) => {
    const user = await accountById(db, accountId);
    const count = await store.deleteSessions(db, accountId, which);
    if (user === null || count === 0) return count;
    // Leaving by oneself is signing out; all else is shutting somebody out.
    const { credential } = ctx.by;
    const own = 'only' in which && credential.kind === 'session' && credential.sessionId === which.only;
    const action = own ? 'user.logout' : 'user_session.revoke';
    await record(ctx, db, { action, operation: 'remove', user, data: { sessions: count } });
    return count;
  });
}

/** Looks again at a session by which somebody was let in a while ago: not a use of it. Null: it is no more. */
export async function findSession(
  ctx: Context,
  { sessionId, sudo }: { readonly sessionId: number; readonly sudo: boolean },
): Promise<Actor | null> {
  const found = await store.sessionById(ctx.db, sessionId, ctx.now() - SESSION_IDLE_MS);
  if (found === null) return null;
  return {
    kind: 'user',
    account: { id: found.accountId, login: found.login, siteAdmin: found.siteAdmin === 1 },
    grant: { kind: 'session', sessionId, sudo },
  };
}

/** What the pages' way in needs of sessions; one a server. */
export interface SessionStore {
  /** Whose session is it? Null: unknown, idle for too long, revoked, or its account is suspended. */
  verify(secret: Secret): Promise<Actor | null>;
  /** Writes what uses were noted. Called every few seconds, and once when the server stops. */
  flush(): Promise<void>;
}

interface SessionFound {
  readonly sessionId: number;
  readonly lastUsedAt: number;
  readonly sudoAt: number;
  readonly accountId: number;
  readonly login: string;
  readonly siteAdmin: number;
}

/** Nothing of a session is cached: each request looks it up, by one prepared statement. */
export function createSessionStore(ctx: Context): SessionStore {
  const query = store.sessionQuery(ctx.db);
  let uses = new Map<number, number>();
  return {
    async verify(secret) {
      const now = ctx.now();
      const parameters = [secret.hash(), now - SESSION_IDLE_MS];
      const { rows } = await ctx.db.executeQuery<SessionFound>({ ...query, parameters });
      const found = rows[0];
      if (found === undefined) return null;
      if (now - found.lastUsedAt >= USE_GRAIN_MS) uses.set(found.sessionId, now);
      return {
        kind: 'user',
        account: { id: found.accountId, login: found.login, siteAdmin: found.siteAdmin === 1 },
        grant: { kind: 'session', sessionId: found.sessionId, sudo: now - found.sudoAt < SUDO_MS },
      };
    },
    async flush() {
      if (uses.size === 0) return;
      const noted = uses;
      uses = new Map();
      await ctx.db.transaction().execute(async (db) => {
        for (const [id, at] of noted) await store.touchSession(db, id, at);
      });
    },
  };
}
