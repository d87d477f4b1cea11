// What an action is done to, as far as decisions need it. Feature rooms extend these with their records.
import type { RepositoryRole, TargetKind } from './actions.ts';
import { type Actor, accountId } from './actor.ts';

export type Visibility = 'public' | 'private';

export interface InstanceTarget {
  readonly kind: 'instance';
}

export interface AccountTarget {
  readonly kind: 'account';
  readonly accountId: number;
}

export interface RepositoryTarget {
  readonly kind: 'repository';
  readonly repositoryId: number;
  readonly visibility: Visibility;
  /** The caller's present role, by ownership or collaboration; null: none (a public one can still be read). */
  readonly role: RepositoryRole | null;
}

export interface NewRepositoryTarget {
  readonly kind: 'new-repository';
  /** Whose it is to be. */
  readonly accountId: number;
  readonly visibility: Visibility;
}

export type Target = InstanceTarget | AccountTarget | RepositoryTarget | NewRepositoryTarget;

export type TargetOf<K extends TargetKind> = Extract<Target, { kind: K }>;

export const instance: InstanceTarget = Object.freeze({ kind: 'instance' });

/** The caller's own account; nobody's for the anonymous, who are then told to sign in. Fits a route's `target`. */
export function selfTarget(_request: unknown, actor: Actor): AccountTarget {
  return { kind: 'account', accountId: accountId(actor) ?? 0 };
}
