// The pages of the security log: a person's own (ghes-spec 1.1), for owners their organisation's, and for site admins
// the whole instance's.
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { VNode } from 'preact';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, type InstanceTarget, instance, selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { settingsPath } from '../organizations/addresses.ts';
import { organizationInPath } from '../organizations/finding.ts';
import { renderOrganizationPage } from '../organizations/frame.tsx';
import type { OrganizationFound } from '../organizations/organizations.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { renderPage } from '../web/page.tsx';
import type { SettingsPage } from '../web/settings.tsx';
import { readCursor } from './cursor.ts';
import { exportLog, type Format, MAX_EXPORTED } from './export.ts';
import { actionChoices, includeChoices, type LogForm, LogView } from './log-view.tsx';
import { emptyPhrase, type Phrase, parsePhrase } from './phrase.ts';
import { type Include, type LogPage, type Scope, searchLog, untoldTerm } from './search.ts';

const OWN = '/settings/security-log';
const ALL = '/admin/audit-log';
const OF_ORGANIZATION = '/organizations/:org/settings/audit-log';
const PER_PAGE = 30;
const DAY_MS = 24 * 60 * 60_000;
/** A person sees so much of their own log (ghes-spec 1.1). */
const OWN_DAYS = 90;
const nothing: LogPage = { rows: [], hasNext: false, hasPrevious: false };

export function auditPages(routes: GuardedRoutes, ctx: Context): void {
  const own = logPage(ctx, {
    title: 'Security log',
    path: () => OWN,
    render: inSettings('security-log'),
    intro:
      `What you did, and what was done to your account, in the last ${OWN_DAYS} days. Is there something that you ` +
      "don't know of? Change your password, and delete tokens and keys that aren't yours.",
    days: OWN_DAYS,
    scopeOf: ({ target }: LogCall<AccountTarget>): Scope => ({ kind: 'person', accountId: target.accountId }),
  });
  const all = logPage(ctx, {
    title: 'Audit log',
    path: () => ALL,
    render: inSettings('audit-log'),
    intro:
      `What was changed on this instance, by whom and from where; it is kept for ${ctx.config.auditDays} days. ` +
      'Without a date, a search goes back three months. "latchkey doctor" tells whether a row was altered or removed.',
    days: null,
    scopeOf: (_call: LogCall<InstanceTarget>): Scope => ({ kind: 'instance' }),
  });
  const organizations = logPage(ctx, {
    title: 'Audit log',
    path: ({ target }) => `${settingsPath(target.organization)}/audit-log`,
    render: (call, { title, status }, body) =>
      renderOrganizationPage(call, call.target, { title, tab: 'settings', status }, body),
    intro:
      `What was changed in this organization and its repositories, and by whom; it is kept for ` +
      `${ctx.config.auditDays} days. Without a date, a search goes back three months. ` +
      'From which addresses is told to site admins only.',
    days: null,
    scopeOf: ({ target }: LogCall<OrganizationFound>): Scope => ({
      kind: 'organization',
      organizationId: target.organizationId,
    }),
  });
  const read = { method: 'GET', action: 'audit.read-own', target: selfTarget } as const;
  routes.route({ ...read, url: OWN, handler: own.show });
  routes.route({ ...read, url: `${OWN}/export`, handler: own.download });
  const readAll = { method: 'GET', action: 'audit.read-all', target: () => instance } as const;
  routes.route({ ...readAll, url: ALL, handler: all.show });
  routes.route({ ...readAll, url: `${ALL}/export`, handler: all.download });
  const ofOrganization = {
    method: 'GET',
    action: 'audit.read-organization',
    target: organizationInPath(ctx),
  } as const;
  routes.route({ ...ofOrganization, url: OF_ORGANIZATION, handler: organizations.show });
  routes.route({ ...ofOrganization, url: `${OF_ORGANIZATION}/export`, handler: organizations.download });
}

type LogCall<T> = Call<T, RouteSchema>;

interface LogPageOptions<T> {
  readonly title: string;
  readonly path: (call: LogCall<T>) => string;
  /** Puts the log into the frame of its page. */
  readonly render: (
    call: LogCall<T>,
    head: { readonly title: string; readonly status: number },
    body: VNode,
  ) => FastifyReply;
  readonly intro: string;
  /** How far back it goes at most; null: to the first row. */
  readonly days: number | null;
  readonly scopeOf: (call: LogCall<T>) => Scope;
}

interface LogPageRoutes<T> {
  show(call: LogCall<T>): unknown;
  download(call: LogCall<T>): unknown;
}

function inSettings(settings: SettingsPage): LogPageOptions<unknown>['render'] {
  return (call, head, body) => renderPage(call, { ...head, settings }, body);
}

/** One log as two routes: the page, and the file with what the page's search finds. */
function logPage<T>(ctx: Context, options: LogPageOptions<T>): LogPageRoutes<T> {
  const { title, render, intro, days, scopeOf } = options;
  const bounds = () => (days === null ? {} : { notBefore: ctx.now() - days * DAY_MS });
  return {
    async show(call) {
      const { query, form, search, scope, path } = read(call);
      const page = search.ok
        ? await searchLog(ctx, {
            ...search.value,
            ...bounds(),
            scope,
            order: 'desc',
            after: readCursor(query.get('after') ?? ''),
            before: readCursor(query.get('before') ?? ''),
            limit: PER_PAGE,
          })
        : nothing;
      const problems = search.ok ? [] : search.problems;
      return render(
        call,
        { title, status: search.ok ? 200 : 422 },
        <LogView {...{ title, intro, path, scope, form, problems, page }} />,
      );
    },
    download(call) {
      const { query, form, search, scope, path } = read(call);
      if (!search.ok) {
        const view = { title, intro, path, scope, form, page: nothing };
        return render(call, { title, status: 422 }, <LogView {...view} problems={search.problems} />);
      }
      const format: Format = query.get('format') === 'csv' ? 'csv' : 'json';
      const date = new Date(ctx.now()).toISOString().slice(0, 10);
      const wanted = { ...search.value, ...bounds(), scope };
      return call.reply
        .header(
          'content-type',
          format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
        )
        .header('content-disposition', `attachment; filename="${path.split('/').at(-1)}-${date}.${format}"`)
        .header('cache-control', 'no-store')
        .header('x-content-type-options', 'nosniff')
        .header('x-latchkey-most-rows', MAX_EXPORTED)
        .send(Readable.from(exportLog(ctx, wanted, format)));
    },
  };

  function read(call: LogCall<T>) {
    const query = new URL(call.request.url, ctx.config.url).searchParams;
    const form = formIn(query);
    const scope = scopeOf(call);
    return { query, form, scope, path: options.path(call), search: searchIn(form, scope) };
  }
}

function formIn(query: URLSearchParams): LogForm {
  const chosen = (name: string, choices: readonly { readonly value: string }[]) =>
    choices.find(({ value }) => value === query.get(name))?.value ?? choices[0]?.value ?? '';
  return {
    q: query.get('q') ?? '',
    action: chosen('action', actionChoices),
    include: chosen('include', includeChoices),
    from: query.get('from') ?? '',
    until: query.get('until') ?? '',
  };
}

/** What the fields ask for together. Who asks for git's actions doesn't want them left out. */
function searchIn(
  form: LogForm,
  scope: Scope,
): Outcome<{ readonly phrase: Phrase; readonly include: Include }> {
  const include = form.action === 'git' ? 'git' : (form.include as Include);
  const dates =
    form.from === '' && form.until === '' ? '' : `created:${form.from || '*'}..${form.until || '*'}`;
  const parts = [form.q, form.action === '' ? '' : `action:${form.action}`, dates].filter(Boolean);
  const phrases = parts.map((part) => parsePhrase(part));
  const problems = phrases.flatMap((phrase): readonly Problem[] => (phrase.ok ? [] : phrase.problems));
  if (problems.length > 0) return refused(...problems.map((problem) => ({ ...problem, field: 'q' })));
  const read = phrases.map((phrase) => (phrase.ok ? phrase.value : emptyPhrase));
  const phrase = {
    groups: read.flatMap(({ groups }) => groups),
    excluded: read.flatMap(({ excluded }) => excluded),
  };
  const untold = untoldTerm(phrase, scope);
  if (untold !== null) return refused({ field: 'q', code: 'invalid', message: untold });
  return done({ phrase, include });
}
