// What each token is really used for: which of its scopes, from where, by which programs, over the last ninety days.
// Small counters, bounded for each token, and no log of requests. They are gathered in memory and written by and by;
// the last seconds may be lost with the process.
import type { TokenUse, UseObserver } from '../access/uses.ts';
import type { Context } from '../context.ts';
import { readSetting, writeSetting } from '../db/settings.ts';
import { normalForm, type Scope, type Scopes, satisfies, scopeNamed } from '../scopes/scopes.ts';
import { clientName, networkName } from './clients.ts';
import { type Counter, type GatheredUses, MAX_NAMED, NO_SCOPE, OTHERS, type UseKind } from './use-counts.ts';
import * as store from './uses-store.ts';

const DAY_MS = 24 * 60 * 60_000;
const KEPT_MS = 90 * DAY_MS;
/** Tokens that are gathered between two writings; a use beyond is not counted. */
const MAX_GATHERED_TOKENS = 10_000;
const MAX_REMEMBERED = 1_000;
const MAX_REMEMBERED_LENGTH = 200;

export interface UseCounter extends UseObserver {
  /** Writes what was gathered. Called every few seconds, and once when the server stops. */
  flush(): Promise<void>;
}

export function createUseCounter(ctx: Context): UseCounter {
  let gathered = new Map<number, GatheredUses>();
  const networks = remembering(networkName);
  const clients = remembering(clientName);
  return {
    used(use: TokenUse) {
      let uses = gathered.get(use.tokenId);
      if (uses === undefined) {
        if (gathered.size >= MAX_GATHERED_TOKENS) return;
        uses = { counts: { scope: new Map(), address: new Map(), client: new Map() }, lastUsedAt: 0 };
        gathered.set(use.tokenId, uses);
      }
      uses.lastUsedAt = ctx.now();
      const { scope, address, client } = uses.counts;
      for (const name of use.scopes) count(scope, name);
      if (!use.first) return;
      if (use.scopes.length === 0) count(scope, NO_SCOPE);
      count(address, networks(use.address));
      count(client, clients(use.userAgent));
    },
    async flush() {
      if (gathered.size === 0) return;
      const uses = gathered;
      gathered = new Map();
      await store.add(ctx.db, uses);
    },
  };
}

/** The same answers without the same work, on the path of every request; never more than a thousand of them. */
function remembering(name: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const made = name(text);
    if (known.size >= MAX_REMEMBERED) known.clear();
    if (text.length <= MAX_REMEMBERED_LENGTH) known.set(text, made);
    return made;
  };
}

function count(counts: Map<string, number>, name: string): void {
  const key = counts.has(name) || counts.size < MAX_NAMED ? name : OTHERS;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Forgets what is older than ninety days. */
export function forgetOldUses(ctx: Context): Promise<void> {
  return store.removeBefore(ctx.db, ctx.now() - KEPT_MS);
}

/** Remembers since when uses are counted: tokens made earlier may have been used for more. Called at every start. */
export async function rememberCounting(ctx: Context): Promise<void> {
  if ((await readSetting(ctx.db, 'uses_since')) === null) {
    await writeSetting(ctx.db, 'uses_since', String(ctx.now()));
  }
}

export interface TokenUses {
  /** Since when this token was watched: ninety days ago, or less. */
  readonly since: number;
  /** By scope; `NO_SCOPE` where none was needed. The latest first, as in the other two. */
  readonly scopes: readonly Counter[];
  readonly addresses: readonly Counter[];
  readonly clients: readonly Counter[];
}

/** What the token was used for, as far as it was written by now. */
export async function usesOf(
  ctx: Context,
  token: { readonly id: number; readonly createdAt: number },
): Promise<TokenUses> {
  const now = ctx.now();
  const counting = await readSetting(ctx.db, 'uses_since');
  const rows = await store.countersOf(ctx.db, token.id, now - KEPT_MS);
  const of = (kind: UseKind): readonly Counter[] =>
    rows.filter((row) => row.kind === kind).map(({ kind: _, ...counter }) => counter);
  return {
    since: Math.max(now - KEPT_MS, token.createdAt, counting === null ? 0 : Number(counting)),
    scopes: of('scope'),
    addresses: of('address'),
    clients: of('client'),
  };
}

/** The scopes that would have been enough for all that was seen; null: nothing was seen at all. */
export function enoughFor(uses: TokenUses, granted: Scopes): Scopes | null {
  if (uses.scopes.length === 0) return null;
  const used = uses.scopes.flatMap(({ name }): readonly Scope[] => {
    const scope = scopeNamed(name);
    return scope === undefined ? [] : [scope];
  });
  // Scopes that were taken away since are not given back.
  return normalForm(used.filter((scope) => satisfies(granted, [scope])));
}
