// Who made a commit or a tag by the API, as given in the request, or the account itself.
import type { Account } from '../accounts/accounts.ts';
import type { Context } from '../context.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';

export interface GivenSignatory {
  readonly name?: string;
  readonly email?: string;
  /** ISO 8601. */
  readonly date?: string;
}

const MAX_LENGTH = 255;
/** The last second with a year of four digits. */
const LAST_SECOND = Math.floor(Date.parse('9999-12-31T23:59:59Z') / 1000);

/** The account as it signs: by an address that mail never reaches, since commits are for all to read. */
export function ownSignatory(
  ctx: Pick<Context, 'config' | 'now'>,
  { id, login, name }: Pick<Account, 'id' | 'login' | 'name'>,
): string {
  const shown = (name ?? '').replace(/[<>\p{Cc}]/gu, '').trim() || login;
  const host = new URL(ctx.config.url).hostname;
  return `${shown} <${id}+${login}@users.noreply.${host}> ${seconds(ctx.now())} +0000`;
}

/**
 * The line for an object, of what was given.
 * @param field where it stands in the request: `author`
 */
export function givenSignatory(
  ctx: Pick<Context, 'now'>,
  field: string,
  { name = '', email = '', date }: GivenSignatory,
): Outcome<string> {
  const problems: Problem[] = [];
  for (const [part, value] of [
    ['name', name],
    ['email', email],
  ] as const) {
    const problem = partProblem(`${field}.${part}`, value);
    if (problem !== null) problems.push(problem);
  }
  const moment = date === undefined ? `${seconds(ctx.now())} +0000` : momentOf(date);
  if (moment === null) {
    problems.push({
      field: `${field}.date`,
      code: 'invalid',
      message: `${field}.date is not a timestamp: write it as 2026-01-31T23:59:59Z.`,
    });
  }
  if (problems.length > 0) return refused(...problems);
  return done(`${name.trim()} <${email.trim()}> ${moment}`);
}

function partProblem(field: string, value: string): Problem | null {
  if (value.trim() === '') return { field, code: 'missing_field', message: `${field} can't be blank.` };
  // The characters of which the line is made (fsck.c, fsck_ident).
  if (value.length > MAX_LENGTH || /[<>\p{Cc}\p{Cs}]/u.test(value)) {
    return {
      field,
      code: 'invalid',
      message: `${field} is too long or holds characters that it may not hold.`,
    };
  }
  return null;
}

/** Seconds since 1970 and the zone, as git writes them; null: it is no such date. */
function momentOf(date: string): string | null {
  const match = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:[Zz]|([+-])(\d\d):?(\d\d))$/.exec(
    date,
  );
  if (match === null) return null;
  const [, day, time, sign = '+', hours = '00', minutes = '00'] = match;
  const instant = Date.parse(`${day}T${time}${sign}${hours}:${minutes}`);
  const second = seconds(instant);
  if (Number.isNaN(instant) || second < 0 || second > LAST_SECOND) return null;
  return `${second} ${sign}${hours}${minutes}`;
}

function seconds(instant: number): number {
  return Math.floor(instant / 1000);
}
