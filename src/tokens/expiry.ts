// How long a token lives: the choices of the form, and how they are counted (ghes-spec 1.2).
import { done, type Outcome, refused } from '../problems.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The presets of the form, in days. */
export const presetDays = [7, 30, 60, 90] as const;
export const defaultDays = 30;

/**
 * Reads `7d`, `90d`, `2027-01-31` or `never` into an instant.
 * Days count from now, to the second; a date is its midnight in UTC (ghes-spec 1.2 has the user's zone, which
 * no form field tells; the pages say "UTC").
 * @returns milliseconds since 1970, or null for never
 */
export function expiryFrom(choice: string, now: number): Outcome<number | null> {
  if (choice === 'never') return done(null);
  const days = /^(\d{1,5})d$/.exec(choice)?.[1];
  if (days !== undefined && Number(days) > 0) return done(toSecond(now) + Number(days) * DAY_MS);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(choice)) {
    return invalid('Expiration must be a number of days such as 30d, a date such as 2027-01-31, or never.');
  }
  const instant = Date.parse(`${choice}T00:00:00Z`);
  if (Number.isNaN(instant) || new Date(instant).toISOString().slice(0, 10) !== choice) {
    return invalid(`There is no date ${choice}.`);
  }
  if (instant <= now) return invalid('Expiration date must be in the future.');
  return done(instant);
}

/** Expiry is exact to the second: with fractions, the header and the refusal would differ. */
function toSecond(instant: number): number {
  return Math.floor(instant / 1000) * 1000;
}

function invalid(message: string): Outcome<number | null> {
  return refused({ field: 'expires_at', code: 'invalid', message });
}
