// Where somebody may make repositories, or give them to: what decisions about a new owner are asked with.
import type { Actor } from '../access/actor.ts';
import type { NewRepositoryTarget, Visibility } from '../access/targets.ts';
import { findOwnerByLogin, type Owner } from '../accounts/owners.ts';
import type { Context } from '../context.ts';
import { findOrganizationById, newRepositoryIn } from '../organizations/organizations.ts';
import type { Problem } from '../problems.ts';

export interface NewOwnerFound {
  readonly owner: Owner;
  readonly target: NewRepositoryTarget;
}

/** Null: nobody has this name. */
export async function findNewOwner(
  ctx: Context,
  actor: Actor,
  login: string,
  visibility: Visibility,
): Promise<NewOwnerFound | null> {
  const owner = await findOwnerByLogin(ctx, login);
  if (owner === null) return null;
  if (owner.kind === 'user')
    return { owner, target: { kind: 'new-repository', accountId: owner.id, visibility } };
  const organization = await findOrganizationById(ctx, actor, owner.id);
  return organization === null ? null : { owner, target: newRepositoryIn(organization, visibility) };
}

export const noNewOwner: Problem = {
  field: 'new_owner',
  code: 'invalid',
  message: 'Nobody here has this name.',
};
export const closedOrganization: Problem = {
  field: 'new_owner',
  code: 'invalid',
  message: 'You may not create repositories in this organization: its owners decide who may.',
};
