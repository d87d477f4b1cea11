// People signed in on the web: sessions in the database, 256 random bits each, SHA-256 at rest. A session that
// was not used for two weeks is dead (ghes-spec 1.4); so is every one of a suspended account.
import type { Actor } from '../access/actor.ts';
import type { Context } from '../context.ts';
import { randomSecret, type Secret } from '../secrets/secret.ts';
import * as store from './session-store.ts';

export const SESSION_IDLE_MS = 14 * 24 * 60 * 60_000;

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
}

/** From where somebody signs in; bounded before it is stored. */
export interface Origin {
  readonly address: string;
  readonly userAgent: string;
}

/** Begins a session. The secret goes into the cookie and is never seen again. */
export async function createSession(
  ctx: Context,
  accountId: number,
  origin: Origin,
): Promise<{ readonly sessionId: number; readonly secret: Secret }> {
  const secret = randomSecret(ctx.random);
  const now = ctx.now();
  const sessionId = await ctx.db.transaction().execute(async (db) => {
    await store.pruneSessions(db, now - SESSION_IDLE_MS, accountId, MAX_SESSIONS - 1);
    return store.insertSession(db, {
      accountId,
      secretHash: secret.hash(),
      at: now,
      address: origin.address.slice(0, MAX_ADDRESS_LENGTH),
      userAgent: shown(origin.userAgent).slice(0, MAX_USER_AGENT_LENGTH),
    });
  });
  return { sessionId, secret };
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
  }));
}

/** False: the account has no such session. */
export async function revokeSession(ctx: Context, accountId: number, sessionId: number): Promise<boolean> {
  return (await store.deleteSessions(ctx.db, accountId, { only: sessionId })) > 0;
}

/** Ends all sessions of the account but one; tells how many. */
export async function revokeOtherSessions(ctx: Context, accountId: number, keep: number): Promise<number> {
  return store.deleteSessions(ctx.db, accountId, { except: keep });
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
        grant: { kind: 'session', sessionId: found.sessionId, sudo: true },
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
