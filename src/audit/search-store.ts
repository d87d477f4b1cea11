// The SQL that finds rows of the security log. Only what SQLite and PostgreSQL both know.
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { AuditEventsTable, Schema } from '../db/schema.ts';
import type { Phrase, Test } from './phrase.ts';
import type { EventRow } from './store.ts';

type Builder = ExpressionBuilder<Schema, 'audit_events'>;
type Condition = Expression<SqlBool>;

/** Whose log it is. */
export type Scope =
  | { readonly kind: 'instance' }
  | { readonly kind: 'organization'; readonly organizationId: number }
  /** What a person did, and what concerned them. */
  | { readonly kind: 'person'; readonly accountId: number };

/** `git`: clones, fetches and pushes alone; `web`: all but these (as GitHub calls them). */
export type Include = 'web' | 'git' | 'all';

export interface Wanted {
  readonly scope: Scope;
  readonly phrase: Phrase;
  readonly include: Include;
  /** Milliseconds since 1970; null: however old. */
  readonly since: number | null;
}

/** The smallest and the largest id that rows of that time may have; null: there are none. */
export async function idRange(
  db: Db,
  since: number | null,
): Promise<{ readonly lowest: number; readonly highest: number } | null> {
  const newest = await db
    .selectFrom('audit_events')
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const oldest = await db
    .selectFrom('audit_events')
    .select('id')
    // Rows are numbered in nearly the order of their time: an hour makes up for clocks that differ.
    .where('at', '>=', (since ?? 0) - 60 * 60_000)
    .orderBy('at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return newest === undefined || oldest === undefined ? null : { lowest: oldest.id, highest: newest.id };
}

/** The rows with these ids that fit. @param limit at most so many, the first ones in that order */
export function find(
  db: Db,
  wanted: Wanted,
  range: { readonly lowest: number; readonly highest: number },
  order: 'asc' | 'desc',
  limit: number,
): Promise<EventRow[]> {
  return db
    .selectFrom('audit_events')
    .selectAll()
    .where('id', '>=', range.lowest)
    .where('id', '<=', range.highest)
    .where((eb) => eb.and(conditions(eb, wanted)))
    .orderBy('id', order)
    .limit(limit)
    .execute();
}

function conditions(eb: Builder, { scope, phrase, include, since }: Wanted): Condition[] {
  const all: Condition[] = [...ofScope(eb, scope)];
  if (since !== null) all.push(eb('at', '>=', since));
  if (include === 'git') all.push(eb('action', 'like', 'git.%'));
  if (include === 'web') all.push(eb('action', 'not like', 'git.%'));
  for (const group of phrase.groups) all.push(eb.or(group.map((test) => fits(eb, test, scope))));
  for (const test of phrase.excluded) all.push(eb.not(fits(eb, test, scope)));
  return all;
}

function ofScope(eb: Builder, scope: Scope): Condition[] {
  switch (scope.kind) {
    case 'instance':
      return [];
    case 'organization':
      return [eb('organization_id', '=', scope.organizationId)];
    case 'person':
      return [eb.or([eb('actor_id', '=', scope.accountId), eb('user_id', '=', scope.accountId)])];
  }
}

/** True or false, never null: so that "not" means not. */
function fits(eb: Builder, test: Test, scope: Scope): Condition {
  switch (test.kind) {
    case 'action':
      if (test.pattern.includes('*')) return like(eb, 'action', glob(test.pattern));
      return eb.or([eb('action', '=', test.pattern), like(eb, 'action', `${literal(test.pattern)}.%`)]);
    case 'actor':
      return isLogin(eb, 'actor_login', test.login);
    case 'user':
      return isLogin(eb, 'user_login', test.login);
    case 'org':
      return isLogin(eb, 'organization_login', test.login);
    case 'repo':
      return test.name.includes('/')
        ? like(eb, 'repository_name', literal(test.name))
        : like(eb, 'repository_name', `%/${literal(test.name)}`);
    case 'operation':
      return eb('operation', '=', test.operation as AuditEventsTable['operation']);
    case 'ip':
      // Where it came from is not told to everybody: then it can't be found out by searching either.
      return eb.and([like(eb, 'address', glob(test.pattern)), ...maySeeAddress(eb, scope)]);
    case 'hashed_token':
      return eb.or([
        eb.and([eb('hashed_token', 'is not', null), eb('hashed_token', '=', test.hash)]),
        eb.and([eb('about_hashed_token', 'is not', null), eb('about_hashed_token', '=', test.hash)]),
      ]);
    case 'request_id':
      return eb.and([eb('request_id', 'is not', null), eb('request_id', '=', test.id)]);
    case 'created': {
      const both: Condition[] = [];
      if (test.from !== null) both.push(eb('at', '>=', test.from));
      if (test.until !== null) both.push(eb('at', '<', test.until));
      return eb.and(both);
    }
    case 'word': {
      const pattern = `%${literal(test.text.toLowerCase())}%`;
      return eb.or(searched.map((column) => like(eb, column, pattern)));
    }
  }
}

/** Where words are looked for. */
const searched = [
  'action',
  'actor_login',
  'user_login',
  'organization_login',
  'repository_name',
  'data',
] as const satisfies readonly (keyof AuditEventsTable)[];

function maySeeAddress(eb: Builder, scope: Scope): Condition[] {
  switch (scope.kind) {
    case 'instance':
      return [];
    case 'organization':
      return [sql<SqlBool>`1 = 0`];
    case 'person':
      return [eb.or([eb('actor_id', '=', scope.accountId), eb('actor_id', 'is', null)])];
  }
}

function isLogin(
  eb: Builder,
  column: 'actor_login' | 'user_login' | 'organization_login',
  login: string,
): Condition {
  return eb.and([eb(column, 'is not', null), sql<SqlBool>`lower(${sql.ref(column)}) = ${login}`]);
}

function like(eb: Builder, column: keyof AuditEventsTable, pattern: string): Condition {
  return eb.and([
    eb(column, 'is not', null),
    sql<SqlBool>`lower(${sql.ref(column)}) LIKE ${pattern} ESCAPE '\\'`,
  ]);
}

/** As it stands, in a pattern of LIKE. */
function literal(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

function glob(text: string): string {
  return literal(text).replaceAll('*', '%');
}
