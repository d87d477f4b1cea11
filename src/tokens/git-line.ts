// What git shows to who uses a token in its last week: a line, at most once a day.
import type { Context } from '../context.ts';
import { oneLine } from '../mail/letters.ts';
import * as notices from './notice-store.ts';
import { find } from './store.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const AHEAD_MS = 7 * DAY_MS;
/** So that the line fits into the smaller kind of band, 995 bytes, whatever is written in the note. */
const MAX_NOTE_LENGTH = 80;

export interface ExpiringToken {
  readonly tokenId: number;
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null;
}

/** Is it in its last week? Asks nothing of the database. */
export function isInLastWeek({ expiresAt }: ExpiringToken, now: number): boolean {
  return expiresAt !== null && expiresAt > now && expiresAt - now <= AHEAD_MS;
}

/**
 * The line, without a newline; it counts as shown from now on.
 * @returns null when it is not the last week yet, or the line was shown within a day
 */
export async function expiryLine(
  { config, db, now }: Pick<Context, 'config' | 'db' | 'now'>,
  { accountId, ...used }: ExpiringToken & { readonly accountId: number },
): Promise<string | null> {
  const { tokenId, expiresAt } = used;
  const at = now();
  if (expiresAt === null || !isInLastWeek(used, at)) return null;
  const token = await find(db, accountId, tokenId);
  if (token === null || !(await notices.claimAgain(db, tokenId, 'git', at, at - DAY_MS))) return null;
  const note = oneLine(token.note, MAX_NOTE_LENGTH);
  return `Your token "${note}" expires ${inWords(expiresAt - at)}: ${config.url}/settings/tokens/${tokenId}/regenerate`;
}

/** Never longer than it is: of two and a half days, two are said. */
function inWords(ms: number): string {
  const [count, unit] = ms >= DAY_MS ? [Math.floor(ms / DAY_MS), 'day'] : [Math.floor(ms / HOUR_MS), 'hour'];
  if (count === 0) return 'within the hour';
  return `in ${count} ${unit}${count === 1 ? '' : 's'}`;
}
