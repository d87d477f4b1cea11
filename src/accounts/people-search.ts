// Searching people and organisations by what everybody may see of them, their logins and names, in the words of GitHub's
// search box. E-mail addresses are not looked at, whatever is asked.
import type { Context } from '../context.ts';
import type { Window, Windowed } from '../db/windows.ts';
import type { OwnerKind } from './owners.ts';
import * as store from './people-search-store.ts';

export interface PeopleSearch {
  /** In lower case; each has to be found in the login or the name. */
  readonly words: readonly string[];
  /** Null: both. */
  readonly kind: OwnerKind | null;
}

const MAX_WORDS = 10;
const MAX_QUERY_LENGTH = 256;

/** Reads what was typed; null: there is nothing to look for. */
export function parsePeopleSearch(text: string): PeopleSearch | null {
  let kind: OwnerKind | null = null;
  const words: string[] = [];
  for (const word of text.slice(0, MAX_QUERY_LENGTH).toLowerCase().split(/\s+/).slice(0, MAX_WORDS)) {
    const [, name, value = ''] = /^([a-z-]+):(.*)$/.exec(word) ?? [];
    if (name === undefined) words.push(...(word === '' ? [] : [word]));
    else if (name === 'type') kind = value === 'org' ? 'organization' : value === 'user' ? 'user' : kind;
    else if (['user', 'org', 'login'].includes(name)) words.push(value);
  }
  return words.length === 0 ? null : { words, kind };
}

/** Their ids, by login. */
export function peopleFound(ctx: Context, search: PeopleSearch, window: Window): Promise<Windowed<number>> {
  return store.peopleFound(ctx.db, search, window);
}

export function countPeopleFound(ctx: Context, search: PeopleSearch): Promise<number> {
  return store.countPeopleFound(ctx.db, search);
}
