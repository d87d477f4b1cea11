// The security log through the API: of the whole instance, which is one enterprise, and of each organisation.
import { Type } from 'typebox';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { instance, type Target } from '../access/targets.ts';
import { validationFailed } from '../api/errors.ts';
import { pageOf } from '../api/paging.ts';
import { textParameter } from '../api/parameters.ts';
import { apiRoot } from '../api/urls.ts';
import type { Context } from '../context.ts';
import { organizationRoutes } from '../organizations/api-addresses.ts';
import type { Problem } from '../problems.ts';
import { cursorTo, readCursor } from './cursor.ts';
import { ENTERPRISE, ENTERPRISE_ID, type EventJson, eventJson } from './json.ts';
import { emptyPhrase, parsePhrase } from './phrase.ts';
import { type Include, type Scope, searchLog, untoldTerm } from './search.ts';

export function auditRest(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/enterprises/:enterprise/audit-log',
    action: 'audit.read-all',
    schema: { params: Type.Object({ enterprise: Type.String() }) },
    target: (request) => {
      const { enterprise } = request.params as { readonly enterprise: string };
      const isOurs = [ENTERPRISE, String(ENTERPRISE_ID)].includes(enterprise.toLowerCase());
      return isOurs ? instance : null;
    },
    handler: (call) => sendLog(ctx, call, { kind: 'instance' }, `/enterprises/${ENTERPRISE}/audit-log`),
  });
  organizationRoutes(routes, ctx).route({
    method: 'GET',
    below: '/audit-log',
    action: 'audit.read-organization',
    handler: (call) => {
      const { organizationId } = call.target;
      const scope = { kind: 'organization', organizationId } as const;
      return sendLog(ctx, call, scope, `/organizations/${organizationId}/audit-log`);
    },
  });
}

/** Pages beyond are asked for by cursors: counting through everything before them would be slower and slower. */
const MAX_NUMBERED_ROWS = 5_000;

/** Answers with a page of the log. @param path the list's address below the API's root */
async function sendLog(
  ctx: Context,
  { request, reply }: Pick<Call<Target, RouteSchema>, 'request' | 'reply'>,
  scope: Scope,
  path: string,
): Promise<readonly EventJson[]> {
  const text = textParameter(request, 'phrase') ?? '';
  const phrase = text.trim() === '' ? { ok: true as const, value: emptyPhrase } : parsePhrase(text);
  if (!phrase.ok) throw validationFailed('AuditLog', phrase.problems);
  const untold = untoldTerm(phrase.value, scope);
  if (untold !== null) throw invalid('phrase', untold);
  const { page, perPage } = pageOf(request);
  const [after, before] = [cursorIn('after'), cursorIn('before')];
  const isNumbered = after === null && before === null && page > 1;
  if (isNumbered && page * perPage > MAX_NUMBERED_ROWS) return [];
  const found = await searchLog(ctx, {
    scope,
    phrase: phrase.value,
    include: choice('include', ['web', 'git', 'all'] as const) as Include,
    order: choice('order', ['desc', 'asc'] as const),
    after,
    before,
    limit: isNumbered ? page * perPage : perPage,
  });
  const rows = isNumbered ? found.rows.slice((page - 1) * perPage) : found.rows;
  const first = rows.at(0);
  const last = rows.at(-1);
  const links: string[] = [];
  if (last !== undefined && found.hasNext) links.push(link('next', { after: cursorTo(last.id), before: '' }));
  if (found.hasPrevious || isNumbered) {
    links.push(link('first', { after: '', before: '' }));
    if (first !== undefined) links.push(link('prev', { after: '', before: cursorTo(first.id) }));
  }
  if (links.length > 0) reply.header('link', links.join(', '));
  return rows.map((row) => eventJson(row, scope));

  function cursorIn(name: 'after' | 'before'): number | null {
    const given = textParameter(request, name);
    if (given === undefined || given === '') return null;
    const cursor = readCursor(given);
    if (cursor === null) throw invalid(name, `${name} has to be a cursor as a Link header gave it.`);
    return cursor;
  }

  function choice<T extends string>(name: string, choices: readonly [T, ...T[]]): T {
    const given = textParameter(request, name);
    if (given === undefined || given === '') return choices[0];
    const chosen = choices.find((one) => one === given);
    if (chosen === undefined) throw invalid(name, `${name} has to be one of ${choices.join(', ')}.`);
    return chosen;
  }

  function link(rel: string, cursors: Readonly<Record<'after' | 'before', string>>): string {
    const question = request.url.indexOf('?');
    const query = new URLSearchParams(question === -1 ? '' : request.url.slice(question + 1));
    query.delete('page');
    for (const [name, value] of Object.entries(cursors)) {
      if (value === '') query.delete(name);
      else query.set(name, value);
    }
    return `<${apiRoot(ctx.config)}${path}${query.size === 0 ? '' : `?${query}`}>; rel="${rel}"`;
  }
}

function invalid(field: string, message: string): Error {
  const problem: Problem = { field, code: 'invalid', message };
  return validationFailed('AuditLog', [problem]);
}
