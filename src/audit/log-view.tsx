// The security log as a page: a form to search, the rows with their details, and links to older and newer ones.
import type { JSX } from 'preact';
import { browserName } from '../accounts/browsers.ts';
import type { Problem } from '../problems.ts';
import { Field, FormProblems, Select } from '../web/form.tsx';
import { Blankslate, Heading, RelativeTime } from '../web/parts.tsx';
import { cursorTo } from './cursor.ts';
import { dataOf, eventJson, showsOrigin } from './json.ts';
import { MAX_PHRASE_LENGTH } from './phrase.ts';
import type { LogPage, Scope } from './search.ts';
import type { EventRow } from './store.ts';

/** What the form asks for, as it was typed. */
export interface LogForm {
  readonly q: string;
  readonly action: string;
  readonly from: string;
  readonly until: string;
  readonly include: string;
}

/** The kinds of actions to choose from; anything else by `action:` in the search. */
export const actionChoices = [
  { value: '', label: 'Any action' },
  { value: 'oauth_access', label: 'Tokens' },
  { value: 'public_key', label: 'SSH and deploy keys' },
  { value: 'user', label: 'Accounts and sign-in' },
  { value: 'two_factor_authentication', label: 'Second factors' },
  { value: 'repo', label: 'Repositories' },
  { value: 'org', label: 'Organisations' },
  { value: 'team', label: 'Teams' },
  { value: 'hook', label: 'Webhooks' },
  { value: 'git', label: 'Git' },
] as const;

export const includeChoices = [
  { value: 'web', label: 'All but git' },
  { value: 'git', label: 'Git only' },
  { value: 'all', label: 'Everything' },
] as const;

export interface LogViewProps {
  readonly title: string;
  readonly intro: string;
  /** Where the page is. */
  readonly path: string;
  readonly scope: Scope;
  readonly form: LogForm;
  readonly problems: readonly Problem[];
  readonly page: LogPage;
}

export function LogView({ title, intro, path, scope, form, problems, page }: LogViewProps): JSX.Element {
  const { rows, hasNext, hasPrevious } = page;
  const first = rows.at(0);
  const last = rows.at(-1);
  return (
    <>
      <Heading
        actions={
          <>
            <a class="btn" href={hrefTo(`${path}/export`, form, { format: 'json' })}>
              Export JSON
            </a>
            <a class="btn" href={hrefTo(`${path}/export`, form, { format: 'csv' })}>
              Export CSV
            </a>
          </>
        }
      >
        {title}
      </Heading>
      <p class="intro">{intro}</p>
      <SearchForm path={path} form={form} problems={problems} />
      {rows.length === 0 ? (
        <Blankslate icon="log" title="Nothing found">
          <p>No event fits this search.</p>
        </Blankslate>
      ) : (
        <ul class="Box log" aria-label="Events">
          {rows.map((row) => (
            <Event key={row.id} row={row} scope={scope} />
          ))}
        </ul>
      )}
      {(hasNext || hasPrevious) && (
        <nav class="paginate-container" aria-label="Pagination">
          <div class="pagination">
            {hasPrevious && first !== undefined && (
              <a class="previous_page" rel="prev" href={hrefTo(path, form, { before: cursorTo(first.id) })}>
                Newer
              </a>
            )}
            {hasNext && last !== undefined && (
              <a class="next_page" rel="next" href={hrefTo(path, form, { after: cursorTo(last.id) })}>
                Older
              </a>
            )}
          </div>
        </nav>
      )}
    </>
  );
}

function SearchForm({ path, form, problems }: Pick<LogViewProps, 'path' | 'form' | 'problems'>): JSX.Element {
  return (
    <form method="get" action={path} class="log-search" aria-label="Search the log" noValidate>
      <FormProblems problems={problems} fields={['q']} />
      <Field
        name="q"
        label="Search"
        type="search"
        value={form.q}
        maxLength={MAX_PHRASE_LENGTH}
        problems={problems}
        spellcheck={false}
        help="Words, or terms like action:repo.create, actor:mona, repo:mona/tool, operation:remove, -action:git."
      />
      <div class="log-filters">
        <Select name="action" label="Action" options={actionChoices} value={form.action} />
        <Select name="include" label="Show" options={includeChoices} value={form.include} />
        <Field name="from" label="From" type="date" value={form.from} />
        <Field name="until" label="Until" type="date" value={form.until} />
        <button type="submit" class="btn">
          Search
        </button>
      </div>
    </form>
  );
}

function Event({ row, scope }: { readonly row: EventRow; readonly scope: Scope }): JSX.Element {
  const shows = showsOrigin(row, scope);
  const about = row.repository_name ?? row.organization_login ?? otherUser(row);
  const note = dataOf(row).application_name;
  return (
    <li class="Box-row">
      <div class="log-event">
        <strong>{actorOf(row)}</strong> <code>{row.action}</code>
        {about !== null && <span> {about}</span>}
        {typeof note === 'string' && <span> “{note.slice(0, 255)}”</span>}
      </div>
      <div class="log-facts">
        <RelativeTime at={Number(row.at)} />
        {row.token_id !== null && <span>by a token</span>}
        {shows.address && row.address !== null && <span>{row.address}</span>}
        {shows.userAgent && row.user_agent !== null && (
          <span title={row.user_agent}>{clientName(row.user_agent)}</span>
        )}
      </div>
      <details class="log-details">
        <summary>
          Details<span class="sr-only">{` of ${row.action}, event ${row.number}`}</span>
        </summary>
        <dl>
          {Object.entries(eventJson(row, scope)).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{name === 'created_at' ? momentOf(row) : shown(value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}

/** Who did it, in a word. */
function actorOf(row: EventRow): string {
  if (row.actor_login !== null) return row.actor_login;
  const { via, key_id } = dataOf(row);
  if (via === 'command line') return 'An operator';
  if (via === 'latchkey') return 'Latchkey';
  return key_id === undefined ? 'Somebody not signed in' : 'A deploy key';
}

function otherUser(row: EventRow): string | null {
  return row.user_id !== row.actor_id ? row.user_login : null;
}

/** git and curl name themselves plainly; browsers hide their name in much else. */
function clientName(userAgent: string): string {
  return userAgent.startsWith('Mozilla/') ? browserName(userAgent) : userAgent.slice(0, 60);
}

function momentOf(row: EventRow): string {
  return `${new Date(Number(row.at)).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const MAX_SHOWN = 1000;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/** The same search at another place of it. */
function hrefTo(path: string, form: LogForm, more: Readonly<Record<string, string>>): string {
  const chosen = Object.entries({ ...form, ...more }).filter(
    ([name, value]) => value !== '' && !(name === 'include' && value === 'web'),
  );
  const query = new URLSearchParams(chosen);
  return query.size === 0 ? path : `${path}?${query}`;
}
