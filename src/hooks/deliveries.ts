// What is told to webhooks, and what came of it. A delivery waits in the database from the transaction of what it tells
// of until it was made or given up; sending.ts makes it.
import { randomUUID } from 'node:crypto';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { done, type Outcome, refused } from '../problems.ts';
import { concerning } from '../repositories/log.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Hook } from './hooks.ts';
import * as store from './store.ts';

export interface Delivery {
  readonly id: number;
  readonly hookId: number;
  /** The same for every delivery of one event to one hook. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly redelivery: boolean;
  readonly createdAt: number;
  /** Null: not yet. */
  readonly deliveredAt: number | null;
  readonly durationMs: number;
  /** In words: `OK`, `timed out`. */
  readonly status: string;
  /** 0: there was no answer. */
  readonly statusCode: number;
  readonly tries: number;
}

export interface LastResponse {
  readonly code: number;
  readonly status: string;
}

/** Something that happened in a repository. */
export interface HookEvent {
  readonly event: string;
  /** As in the payload; null where the event knows none. */
  readonly action?: string;
  readonly payload: object;
}

/** Of one hook at a time; what is beyond is not told: nobody fills the disk by a loop. */
const MAX_WAITING = 1000;
const MAX_PAYLOAD_LENGTH = 1024 * 1024;
const DAY_MS = 24 * 60 * 60_000;
/** Deliveries are kept for so long, and so many of a hook at most. */
const KEPT_DAYS = 30;
const KEPT_OF_HOOK = 100;

/** The hooks of a repository that want to know of an event. */
export async function listeners(db: Db, repositoryId: number, event: string): Promise<readonly Hook[]> {
  const hooks = await store.hooksOf(db, repositoryId);
  return hooks.filter(({ active, events }) => active && (events.includes(event) || events.includes('*')));
}

/** Tells all that want to know. @param db the transaction of what it tells of */
export async function announce(
  ctx: Pick<Context, 'now'>,
  db: Db,
  repositoryId: number,
  event: HookEvent,
): Promise<void> {
  for (const hook of await listeners(db, repositoryId, event.event)) await enqueue(ctx, db, hook, event);
}

/** Tells one hook, whatever it wants to know. */
export async function enqueue(
  ctx: Pick<Context, 'now'>,
  db: Db,
  hook: Hook,
  { event, action, payload }: HookEvent,
): Promise<void> {
  if ((await store.countWaiting(db, hook.id)) >= MAX_WAITING) return;
  const text = JSON.stringify(action === undefined ? payload : { action, ...payload });
  if (text.length > MAX_PAYLOAD_LENGTH) return;
  await store.insertDelivery(db, {
    hookId: hook.id,
    guid: randomUUID(),
    event,
    action: action ?? null,
    payload: text,
    redelivery: false,
    at: ctx.now(),
  });
}

/** The newest first; from the one before `before` on. */
export function listDeliveries(
  ctx: Context,
  hook: Hook,
  limit: number,
  before: number | null = null,
): Promise<readonly Delivery[]> {
  return store.deliveriesOf(ctx.db, hook.id, limit, before);
}

export function findDelivery(ctx: Context, hook: Hook, id: number): Promise<store.StoredDelivery | null> {
  return store.deliveryById(ctx.db, hook.id, id);
}

export function lastResponses(
  ctx: Context,
  hooks: readonly Hook[],
): Promise<ReadonlyMap<number, LastResponse>> {
  return store.lastResponses(
    ctx.db,
    hooks.map(({ id }) => id),
  );
}

/** Makes a delivery once more, with the same content. */
export async function redeliver(
  ctx: Acting,
  repository: Repository,
  hook: Hook,
  delivery: store.StoredDelivery,
): Promise<Outcome<null>> {
  return ctx.db.transaction().execute(async (db) => {
    if ((await store.countWaiting(db, hook.id)) >= MAX_WAITING) {
      const message = 'Too many deliveries of this webhook are waiting already.';
      return refused({ field: 'base', code: 'custom', message });
    }
    const { guid, event, action, payload } = delivery;
    const at = ctx.now();
    await store.insertDelivery(db, { hookId: hook.id, guid, event, action, payload, redelivery: true, at });
    await record(ctx, db, {
      action: 'hook.redeliver',
      operation: 'create',
      ...(await concerning(db, repository)),
      data: { hook_id: hook.id, event, guid },
    });
    return done(null);
  });
}

/** Housekeeping: forgets what is old, or too much. */
export async function forgetOldDeliveries(ctx: Context): Promise<void> {
  await store.forgetDeliveries(ctx.db, ctx.now() - KEPT_DAYS * DAY_MS, KEPT_OF_HOOK);
}
