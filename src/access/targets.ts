// What an action is done to, as far as decisions need it. Feature rooms extend these with their records.
import type { OrganizationRole, RepositoryRole, TargetKind } from './actions.ts';
import { type Actor, accountId } from './actor.ts';

/** `internal`: everybody with an account may read it; only organisations own such (ghes-spec 1.5, 4.1). */
export const visibilities = ['public', 'internal', 'private'] as const;
export type Visibility = (typeof visibilities)[number];

export interface InstanceTarget {
  readonly kind: 'instance';
}

export interface AccountTarget {
  readonly kind: 'account';
  readonly accountId: number;
}

/** An OAuth application, as the API knows it. */
export interface ApplicationTarget {
  readonly kind: 'application';
  readonly clientId: string;
}

export interface RepositoryTarget {
  readonly kind: 'repository';
  readonly repositoryId: number;
  readonly visibility: Visibility;
  /**
   * The present role of the caller's account: the highest that ownership, organisation, teams, collaboration and
   * internal visibility give (standing.ts); null: none (a public one can still be read).
   */
  readonly role: RepositoryRole | null;
  /** The organisation that owns it and lets no classic token in, by its login (ghes-spec 5.2 row 14). */
  readonly closedToTokens?: string | null;
}

export interface OrganizationTarget {
  readonly kind: 'organization';
  readonly organizationId: number;
  /** The role of the caller's account; null: none. Invited people have none until they accept. */
  readonly role: OrganizationRole | null;
  readonly closedToTokens?: string | null;
  /** What is asked for is known to members alone, such as a team: to others it is not there. */
  readonly membersOnly?: true;
}

export interface NewRepositoryTarget {
  readonly kind: 'new-repository';
  /** Whose it is to be: a person or an organisation. */
  readonly accountId: number;
  readonly visibility: Visibility;
  /** Where an organisation is to own it. */
  readonly organization?: { readonly role: OrganizationRole | null; readonly membersMayCreate: boolean };
  readonly closedToTokens?: string | null;
}

export type Target =
  | InstanceTarget
  | AccountTarget
  | ApplicationTarget
  | OrganizationTarget
  | RepositoryTarget
  | NewRepositoryTarget;

export type TargetOf<K extends TargetKind> = Extract<Target, { kind: K }>;

export const instance: InstanceTarget = Object.freeze({ kind: 'instance' });

/** The caller's own account; nobody's for the anonymous, who are then told to sign in. Fits a route's `target`. */
export function selfTarget(_request: unknown, actor: Actor): AccountTarget {
  return { kind: 'account', accountId: accountId(actor) ?? 0 };
}
