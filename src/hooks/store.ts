// The SQL of webhooks and their deliveries: the only place that touches their tables.
import type { Db } from '../db/database.ts';
import { Secret } from '../secrets/secret.ts';
import type { Delivery, LastResponse } from './deliveries.ts';
import type { Hook, HookChange } from './hooks.ts';

interface HookRow {
  readonly id: number;
  readonly repository_id: number;
  readonly url: string;
  readonly content_type: 'json' | 'form';
  readonly secret: string | null;
  readonly events: string;
  readonly active: number;
  readonly created_at: number;
  readonly updated_at: number;
}

const toHook = (row: HookRow): Hook => ({
  id: row.id,
  repositoryId: row.repository_id,
  url: row.url,
  contentType: row.content_type,
  secret: row.secret === null ? null : new Secret(row.secret),
  events: JSON.parse(row.events) as readonly string[],
  active: row.active === 1,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export async function hooksOf(db: Db, repositoryId: number): Promise<readonly Hook[]> {
  const rows = await db
    .selectFrom('hooks')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .orderBy('id')
    .execute();
  return rows.map(toHook);
}

/** By its id alone where it is known to be of the repository. */
export async function hookById(db: Db, id: number, repositoryId?: number): Promise<Hook | null> {
  let query = db.selectFrom('hooks').selectAll().where('id', '=', id);
  if (repositoryId !== undefined) query = query.where('repository_id', '=', repositoryId);
  const row = await query.executeTakeFirst();
  return row === undefined ? null : toHook(row);
}

export async function insertHook(db: Db, repositoryId: number, hook: HookChange, at: number): Promise<Hook> {
  const row = await db
    .insertInto('hooks')
    .values({ repository_id: repositoryId, ...valuesOf(hook), created_at: at, updated_at: at })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toHook(row);
}

export async function updateHookRow(db: Db, id: number, hook: HookChange, at: number): Promise<Hook | null> {
  const row = await db
    .updateTable('hooks')
    .set({ ...valuesOf(hook), updated_at: at })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? null : toHook(row);
}

const valuesOf = (hook: HookChange) => ({
  url: hook.url,
  content_type: hook.contentType,
  secret: hook.secret === null ? null : hook.secret.expose(),
  events: JSON.stringify(hook.events),
  active: hook.active ? 1 : 0,
});

/** Its deliveries go with it. */
export async function deleteHookRow(db: Db, id: number): Promise<void> {
  await db.deleteFrom('hooks').where('id', '=', id).execute();
}

// Deliveries

const brief = [
  'id',
  'hook_id',
  'guid',
  'event',
  'action',
  'redelivery',
  'created_at',
  'delivered_at',
  'duration_ms',
  'status',
  'status_code',
  'tries',
] as const;

interface DeliveryRow {
  readonly id: number;
  readonly hook_id: number;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly redelivery: number;
  readonly created_at: number;
  readonly delivered_at: number | null;
  readonly duration_ms: number | null;
  readonly status: string;
  readonly status_code: number;
  readonly tries: number;
}

const toDelivery = (row: DeliveryRow): Delivery => ({
  id: row.id,
  hookId: row.hook_id,
  guid: row.guid,
  event: row.event,
  action: row.action,
  redelivery: row.redelivery === 1,
  createdAt: row.created_at,
  deliveredAt: row.delivered_at,
  durationMs: row.duration_ms ?? 0,
  status: row.status,
  statusCode: row.status_code,
  tries: row.tries,
});

export async function insertDelivery(
  db: Db,
  delivery: {
    readonly hookId: number;
    readonly guid: string;
    readonly event: string;
    readonly action: string | null;
    readonly payload: string;
    readonly redelivery: boolean;
    readonly at: number;
  },
): Promise<void> {
  await db
    .insertInto('hook_deliveries')
    .values({
      hook_id: delivery.hookId,
      guid: delivery.guid,
      event: delivery.event,
      action: delivery.action,
      payload: delivery.payload,
      redelivery: delivery.redelivery ? 1 : 0,
      created_at: delivery.at,
      next_try_at: delivery.at,
      status: 'pending',
    })
    .execute();
}

export async function countWaiting(db: Db, hookId: number): Promise<number> {
  const { count } = await db
    .selectFrom('hook_deliveries')
    .where('hook_id', '=', hookId)
    .where('next_try_at', 'is not', null)
    .select((eb) => eb.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The newest first. @param before only those with smaller ids */
export async function deliveriesOf(
  db: Db,
  hookId: number,
  limit: number,
  before: number | null,
): Promise<readonly Delivery[]> {
  let query = db.selectFrom('hook_deliveries').select(brief).where('hook_id', '=', hookId);
  if (before !== null) query = query.where('id', '<', before);
  return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toDelivery);
}

export interface StoredDelivery extends Delivery {
  readonly payload: string;
  readonly requestHeaders: string | null;
  readonly responseHeaders: string | null;
  readonly responseBody: string | null;
}

export async function deliveryById(db: Db, hookId: number, id: number): Promise<StoredDelivery | null> {
  const row = await db
    .selectFrom('hook_deliveries')
    .selectAll()
    .where('hook_id', '=', hookId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    ...toDelivery(row),
    payload: row.payload,
    requestHeaders: row.request_headers,
    responseHeaders: row.response_headers,
    responseBody: row.response_body,
  };
}

/** What came of the latest delivery of each hook. */
export async function lastResponses(
  db: Db,
  hookIds: readonly number[],
): Promise<ReadonlyMap<number, LastResponse>> {
  if (hookIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('hook_deliveries')
    .select(['hook_id', 'status', 'status_code'])
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('hook_deliveries as latest')
        .where('latest.hook_id', 'in', hookIds)
        .where('latest.delivered_at', 'is not', null)
        .groupBy('latest.hook_id')
        .select((inner) => inner.fn.max('latest.id').as('id')),
    )
    .execute();
  return new Map(rows.map((row) => [row.hook_id, { code: row.status_code, status: row.status }]));
}

/** A delivery that was claimed to be made. */
export interface Claimed {
  readonly id: number;
  readonly hook: Hook;
  readonly guid: string;
  readonly event: string;
  readonly payload: string;
  /** This one included. */
  readonly tries: number;
}

/**
 * Takes the delivery that has been due for longest, so that nobody else makes it until then. The update asks again
 * whether it is due: two processes never take the same one.
 * @param busy hooks that have their share of what goes on already
 */
export async function claimDelivery(
  db: Db,
  now: number,
  claim: { readonly by: string; readonly until: number },
  busy: readonly number[],
): Promise<Claimed | null> {
  let query = db
    .selectFrom('hook_deliveries')
    .select(['id', 'hook_id', 'next_try_at'])
    .where('next_try_at', '<=', now);
  if (busy.length > 0) query = query.where('hook_id', 'not in', busy);
  const due = await query.orderBy('next_try_at').orderBy('id').limit(1).executeTakeFirst();
  if (due === undefined) return null;
  const row = await db
    .updateTable('hook_deliveries')
    .set((eb) => ({ claim: claim.by, next_try_at: claim.until, tries: eb('tries', '+', 1) }))
    .where('id', '=', due.id)
    .where('next_try_at', '=', due.next_try_at)
    .returning(['id', 'guid', 'event', 'payload', 'tries'])
    .executeTakeFirst();
  const hook = row === undefined ? null : await hookById(db, due.hook_id);
  return row === undefined || hook === null ? null : { ...row, hook };
}

export interface Attempt {
  readonly deliveredAt: number;
  readonly durationMs: number;
  readonly status: string;
  readonly statusCode: number;
  readonly requestHeaders: string | null;
  readonly responseHeaders: string | null;
  readonly responseBody: string | null;
  /** Null: it is over. */
  readonly nextTryAt: number | null;
}

export async function noteAttempt(db: Db, id: number, by: string, attempt: Attempt): Promise<void> {
  await db
    .updateTable('hook_deliveries')
    .set({
      claim: null,
      next_try_at: attempt.nextTryAt,
      delivered_at: attempt.deliveredAt,
      duration_ms: attempt.durationMs,
      status: attempt.status,
      status_code: attempt.statusCode,
      request_headers: attempt.requestHeaders,
      response_headers: attempt.responseHeaders,
      response_body: attempt.responseBody,
    })
    .where('id', '=', id)
    .where('claim', '=', by)
    .execute();
}

/** Forgets old ones, and of each hook all but the newest, as far as they are over. */
export async function forgetDeliveries(db: Db, before: number, keep: number): Promise<void> {
  await db
    .deleteFrom('hook_deliveries')
    .where('created_at', '<', before)
    .where('next_try_at', 'is', null)
    .execute();
  const crowded = await db
    .selectFrom('hook_deliveries')
    .groupBy('hook_id')
    .having((eb) => eb.fn.countAll(), '>', keep)
    .select('hook_id')
    .execute();
  for (const { hook_id: hookId } of crowded) {
    const oldest = await db
      .selectFrom('hook_deliveries')
      .where('hook_id', '=', hookId)
      .orderBy('id', 'desc')
      .offset(keep)
      .limit(1)
      .select('id')
      .executeTakeFirst();
    if (oldest === undefined) continue;
    await db
      .deleteFrom('hook_deliveries')
      .where('hook_id', '=', hookId)
      .where('id', '<=', oldest.id)
      .where('next_try_at', 'is', null)
      .execute();
  }
}
