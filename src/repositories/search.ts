// Searching repositories in the words of GitHub's search box: text, and qualifiers such as `user:ann` and
// `in:description`. Only what the caller may see is found, or counted.
import { type Visibility, visibilities } from '../access/targets.ts';
import { type Asker, listVisible } from '../access/visible.ts';
import { loginKey } from '../accounts/logins.ts';
import type { Context } from '../context.ts';
import { done, type Outcome, refused } from '../problems.ts';
import { found, type RepositoryFound } from './repositories.ts';
import * as store from './search-store.ts';

export interface Search {
  /** In lower case; each has to be found. */
  readonly words: readonly string[];
  readonly inName: boolean;
  readonly inDescription: boolean;
  /** Keys of logins; empty: anybody's. */
  readonly owners: readonly string[];
  /** `owner/name`, in lower case. */
  readonly repositories: readonly string[];
  readonly visibility: Visibility | null;
  /** Asked for by what nothing here has (a language, a topic): there is nothing to find. */
  readonly isHopeless: boolean;
  /** Asked for in the text itself, as by `sort:updated-desc`; null: nothing that is known. */
  readonly sort: 'updated' | null;
}

/** As GitHub. */
const MAX_QUERY_LENGTH = 256;
export const MAX_RESULTS = 1000;

/** Qualifiers of GitHub's by what repositories do not have here. */
const without = new Set([
  'language',
  'topic',
  'license',
  'topics',
  'good-first-issues',
  'help-wanted-issues',
]);
/** Qualifiers that leave things out which are not there anyhow, when they say so. */
const never = new Set(['fork', 'archived', 'mirror', 'template']);
/** Compared with numbers or dates; not looked at. */
const ignored = new Set([
  'stars',
  'forks',
  'size',
  'followers',
  'created',
  'pushed',
  'sort',
  'is',
  'has',
  'no',
]);

/** Reads what was typed. @param me the login that `user:@me` stands for; null: nobody's */
export function parseSearch(text: string, me: string | null = null): Outcome<Search> {
  if (text.trim() === '') return wrong('missing_field', 'q must be given.');
  if ([...text].length > MAX_QUERY_LENGTH) {
    return wrong('invalid', `The search is longer than ${MAX_QUERY_LENGTH} characters.`);
  }
  const words: string[] = [];
  const owners: string[] = [];
  const repositories: string[] = [];
  const places: string[] = [];
  let visibility: Visibility | null = null;
  let isHopeless = false;
  let sort: Search['sort'] = null;
  for (const [, key, quoted, plain] of text.matchAll(/(?:([\w-]+):)?(?:"([^"]*)"|(\S+))/g)) {
    const value = (quoted ?? plain ?? '').toLowerCase();
    const name = key?.toLowerCase();
    if (name === 'user' || name === 'org') owners.push(loginKey(value === '@me' ? (me ?? value) : value));
    else if (name === 'sort' && /^updated(-desc)?$/.test(value)) sort = 'updated';
    else if (name === 'repo') repositories.push(value);
    else if (name === 'in') places.push(...value.split(','));
    else if (name === 'is' && visibilities.some((each) => each === value)) visibility = value as Visibility;
    else if (name !== undefined && never.has(name))
      isHopeless ||= value === 'only' || (value === 'true' && name !== 'fork');
    else if (name !== undefined && without.has(name)) isHopeless = true;
    else if (name === undefined || !ignored.has(name))
      words.push(name === undefined ? value : `${name}:${value}`);
  }
  const inName = places.includes('name');
  const inDescription = places.includes('description');
  const anywhere = !inName && !inDescription;
  return done({
    words: words.filter((word) => word !== ''),
    // Where nothing is said: both; a README or a topic is not looked into.
    inName: inName || anywhere,
    inDescription: inDescription || anywhere,
    owners,
    repositories,
    visibility,
    isHopeless,
    sort,
  });
}

function wrong(code: 'missing_field' | 'invalid', message: string) {
  return refused({ field: 'q', code, message });
}

export interface SearchPage {
  /** `best`: those whose name fits best first. */
  readonly sort: 'best' | 'updated';
  readonly direction: 'asc' | 'desc';
  /** How many are passed over. */
  readonly offset: number;
  readonly limit: number;
}

export async function searchRepositories(
  ctx: Context,
  asker: Asker,
  search: Search,
  page: SearchPage,
): Promise<{ readonly items: readonly RepositoryFound[]; readonly total: number }> {
  if (search.isHopeless) return { items: [], total: 0 };
  return listVisible(asker, 'repositories.read', async (visible) => {
    const { items, total } = await store.searchPage(ctx.db, asker.actor, search, page, visible);
    return { total, items: items.map((item) => found(item)) };
  });
}
