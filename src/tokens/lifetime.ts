// The instance's policy on how long a classic token may live (ghes-spec 1.6). It revokes nothing: a token whose whole
// life is longer is refused at use, and works again when the policy allows it, or when it is regenerated.
import type { Problem } from '../problems.ts';
import type { InstanceSettings } from '../settings/settings.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The longest life, in days, of tokens of such an account; null: any. */
export function longestLife(
  settings: InstanceSettings,
  owner: { readonly siteAdmin: boolean },
): number | null {
  return settings.tokenMaxDaysExemptsAdmins && owner.siteAdmin ? null : settings.tokenMaxDays;
}

/** Is the life of such a token longer? One that never expires exceeds any limit. */
export function exceedsLife(maxDays: number | null, issuedAt: number, expiresAt: number | null): boolean {
  if (maxDays === null) return false;
  return expiresAt === null || expiresAt - issuedAt > maxDays * DAY_MS;
}

/** What is wrong with the expiration of a token that is made now; null: nothing. */
export function lifeProblem(maxDays: number | null, now: number, expiresAt: number | null): Problem | null {
  if (!exceedsLife(maxDays, now, expiresAt)) return null;
  const days = maxDays === 1 ? 'one day' : `${maxDays} days`;
  return {
    field: 'expires_at',
    code: 'invalid',
    message: `Expiration must be within ${days}: tokens of this instance may not live longer.`,
  };
}

/** The last day that may be chosen as the date of expiry: `2027-01-31`. */
export function lastDate(maxDays: number, now: number): string {
  return new Date(now + maxDays * DAY_MS).toISOString().slice(0, 10);
}
