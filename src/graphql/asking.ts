// What one query is answered with: who asks, how decisions are asked for, and how much the answer may cost. Every
// resolver gets it; nothing in it outlives the request.
import type { Actor, ActorAccount } from '../access/actor.ts';
import type { decide } from '../access/decide.ts';
import { findOwner, type Owner } from '../accounts/owners.ts';
import { type Profile, profileOf } from '../accounts/profiles.ts';
import type { RateLimit } from '../api/rate-limits.ts';
import type { Acting } from '../context.ts';
import { Fault, tooMuch } from './faults.ts';

export interface Asking {
  readonly ctx: Acting;
  readonly actor: Actor;
  /** The caller's. */
  readonly account: ActorAccount;
  /** The decision; what it needed of the token counts as used. */
  readonly ask: typeof decide;
  readonly spend: (what: Cost, amount?: number) => void;
  /** Null: there are no limits. */
  readonly rateLimit: RateLimit | null;
  /** How many nodes the query can ask for at most. */
  readonly nodes: number;
  /** An account by its id; each is looked up once. */
  owner(id: number): Promise<Owner | null>;
  /** What a person says of themselves; looked up once. */
  profile(id: number): Promise<Profile>;
}

/** What answering costs: look-ups in the database, runs of git, bytes of contents. */
export type Cost = 'lookups' | 'git' | 'bytes';

const budget: Readonly<Record<Cost, number>> = { lookups: 5_000, git: 150, bytes: 8 * 1024 * 1024 };
const MAX_MS = 10_000;

export type AskedBy = Omit<Asking, 'spend' | 'owner' | 'profile'>;

export function createAsking(by: AskedBy): Asking {
  const left = { ...budget };
  const { ctx } = by;
  const endsAt = ctx.now() + MAX_MS;
  const owners = new Map<number, Promise<Owner | null>>();
  const profiles = new Map<number, Promise<Profile>>();
  const spend: Asking['spend'] = (what, amount = 1) => {
    left[what] -= amount;
    if (left[what] < 0 || ctx.now() > endsAt) throw tooMuch();
  };
  const once = <T>(known: Map<number, Promise<T>>, id: number, find: () => Promise<T>): Promise<T> => {
    const before = known.get(id);
    if (before !== undefined) return before;
    spend('lookups');
    const found = find();
    known.set(id, found);
    return found;
  };
  return {
    ...by,
    spend,
    owner: (id) => once(owners, id, () => findOwner(ctx, id)),
    profile: (id) => once(profiles, id, () => profileOf(ctx, id)),
  };
}

/** The account was deleted since its token was looked up. */
export const viewerGone = (): Fault => new Fault('FORBIDDEN', 'Bad credentials');
