// From names and ids to nodes. Each that is found is asked about here, with the action that REST asks for the same
// thing: nothing becomes a node without a decision.
import type { ActionOn } from '../access/actions.ts';
import { findOwnerByLogin, type Owner } from '../accounts/owners.ts';
import { findOrganizationById, type OrganizationFound } from '../organizations/organizations.ts';
import { findRepository, findRepositoryById, type RepositoryFound } from '../repositories/repositories.ts';
import type { Asking } from './asking.ts';
import { type Fault, notFound, refusalFault } from './faults.ts';
import type { OrganizationNode, OwnerNode, PersonNode, RepositoryNode } from './resolving.ts';

const noRepository = (name: string): Fault => notFound(`a Repository with the name '${shortened(name)}'`);

/** Names come back in errors: not all of what somebody sent. */
export function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** @throws Fault NOT_FOUND where the caller may not know of it */
export async function repositoryNamed(
  asking: Asking,
  owner: string,
  name: string,
  followRenames: boolean,
): Promise<RepositoryNode> {
  asking.spend('lookups');
  const found = await findRepository(asking.ctx, asking.actor, owner, name);
  const missing = noRepository(`${owner}/${name}`);
  if (found === null || (found.movedTo !== undefined && !followRenames)) throw missing;
  return shownRepository(asking, found, missing);
}

/** Null: there is none. @throws Fault where the caller may not know of it */
export async function repositoryWithId(asking: Asking, id: number, missing: Fault): Promise<RepositoryNode> {
  asking.spend('lookups');
  const found = await findRepositoryById(asking.ctx, asking.actor, id);
  if (found === null) throw missing;
  return shownRepository(asking, found, missing);
}

function shownRepository(asking: Asking, found: RepositoryFound, missing: Fault): RepositoryNode {
  allow(asking, 'repositories.read', found, { missing, field: 'repository' });
  return { type: 'Repository', found };
}

/** An item of a list that `visible` chose: what opened it counts as used. */
export function listedRepository(asking: Asking, found: RepositoryFound): RepositoryNode | null {
  return asking.ask(asking.actor, 'repositories.read', found).allowed ? { type: 'Repository', found } : null;
}

/** @throws Fault in the words of the refusal */
export function allow(
  asking: Asking,
  action: ActionOn<'repository'>,
  found: RepositoryFound,
  told: { readonly missing: Fault; readonly field: string },
): void {
  const decision = asking.ask(asking.actor, action, found);
  if (!decision.allowed) throw refusalFault(decision, told, asking.actor, asking.ctx.config);
}

/** The same for organisations. */
export function allowInOrganization(
  asking: Asking,
  action: ActionOn<'organization'>,
  found: OrganizationFound,
  told: { readonly missing: Fault; readonly field: string },
): void {
  const decision = asking.ask(asking.actor, action, found);
  if (!decision.allowed) throw refusalFault(decision, told, asking.actor, asking.ctx.config);
}

/** A person or an organisation by name; null: there is none, or not for this caller. */
export async function ownerNamed(asking: Asking, login: string): Promise<OwnerNode | null> {
  asking.spend('lookups');
  const owner = await findOwnerByLogin(asking.ctx, login);
  return owner === null ? null : ownerNode(asking, owner);
}

export async function ownerWithId(asking: Asking, id: number): Promise<OwnerNode | null> {
  const owner = Number.isSafeInteger(id) ? await asking.owner(id) : null;
  return owner === null ? null : ownerNode(asking, owner);
}

async function ownerNode(asking: Asking, owner: Owner): Promise<OwnerNode | null> {
  return owner.kind === 'user' ? personNode(asking, owner) : organizationWithId(asking, owner.id);
}

function personNode(asking: Asking, account: Owner): PersonNode | null {
  const target = { kind: 'account', accountId: account.id } as const;
  return asking.ask(asking.actor, 'accounts.read', target).allowed ? { type: 'User', account } : null;
}

async function organizationWithId(asking: Asking, id: number): Promise<OrganizationNode | null> {
  asking.spend('lookups');
  return organizationNode(asking, await findOrganizationById(asking.ctx, asking.actor, id));
}

function organizationNode(asking: Asking, found: OrganizationFound | null): OrganizationNode | null {
  if (found === null || !asking.ask(asking.actor, 'organizations.read', found).allowed) return null;
  return { type: 'Organization', found };
}

/** One of a list of memberships. */
export async function listedOrganization(asking: Asking, id: number): Promise<OrganizationNode | null> {
  return organizationWithId(asking, id);
}
