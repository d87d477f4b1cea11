// Giving a repository to another owner. Its collaborators stay, as on GitHub; teams of the organisation that it leaves
// lose it; who owned it himself stays as a collaborator; its old address leads to the new one. Other people are asked
// before: transfer-requests.ts.
import type { RepositoryRole } from '../access/actions.ts';
import type { Owner } from '../accounts/owners.ts';
import { record } from '../audit/audit.ts';
import type { Acting } from '../context.ts';
import type { Db } from '../db/database.ts';
import { announceChanges } from '../hooks/events.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import * as collaborators from './collaborator-store.ts';
import * as invitations from './invitation-store.ts';
import { concerning } from './log.ts';
import { nameProblem, repositoryNameKey } from './names.ts';
import { presentRepository } from './present.ts';
import type { Repository } from './repositories.ts';
import * as store from './store.ts';
import * as requests from './transfer-store.ts';

export interface Transfer {
  readonly newOwner: Pick<Owner, 'id' | 'login' | 'kind'>;
  /** Default: it keeps its name. */
  readonly newName?: string;
}

/** Hands it over at once. Who may do so, here and at the new owner, is not asked here. */
export async function transferRepository(
  ctx: Acting,
  id: number,
  transfer: Transfer,
): Promise<Outcome<Repository>> {
  const problem = transfer.newName === undefined ? null : nameProblem(transfer.newName);
  if (problem !== null) return refused({ ...problem, field: 'new_name' });
  return ctx.db.transaction().execute(async (db) => {
    const before = await presentRepository(db, id);
    return before === null ? refused(gone) : handOver(ctx, db, before, transfer);
  });
}

/** The same inside a transaction, with a name that was checked. @param before the repository as it stands now */
export async function handOver(
  ctx: Acting,
  db: Db,
  before: Repository,
  { newOwner, newName }: Transfer,
): Promise<Outcome<Repository>> {
  const { id } = before;
  if (before.ownerId === newOwner.id) return refused(isTheirs);
  const name = newName ?? before.name;
  const nameKey = repositoryNameKey(name);
  if (await store.isNameTaken(db, newOwner.id, nameKey)) return refused(nameTaken(newOwner.login));
  // In the log of who owned it: from the next row on, it is the new owner's.
  await record(ctx, db, {
    action: 'repo.transfer_outgoing',
    operation: 'transfer',
    ...(await concerning(db, before)),
    data: { new_name: `${newOwner.login}/${name}`, new_user: newOwner.login },
  });
  await store.endRedirect(db, newOwner.id, nameKey);
  await store.putRedirect(db, before.ownerId, repositoryNameKey(before.name), id);
  // Only organisations have internal repositories.
  const isInternal = before.visibility === 'internal' && newOwner.kind === 'user';
  await store.updateRepositoryRow(db, id, {
    ownerId: newOwner.id,
    name,
    nameKey,
    ...(isInternal ? { visibility: 'private' as const } : {}),
    at: ctx.now(),
  });
  await store.endTeamRoles(db, id);
  await invitations.removeAllOf(db, id);
  await requests.removeOf(db, id);
  await collaborators.remove(db, id, newOwner.id);
  if (before.ownerKind === 'user') {
    await collaborators.put(db, id, before.ownerId, roleOfFormerOwner(newOwner.kind), ctx.now());
  }
  const after = await presentRepository(db, id);
  if (after === null) return refused(gone);
  await record(ctx, db, {
    action: 'repo.transfer',
    operation: 'transfer',
    ...(await concerning(db, after)),
    data: { old_name: `${before.ownerLogin}/${before.name}`, old_user: before.ownerLogin },
  });
  await announceChanges(ctx, db, before, after);
  return done(after);
}

/** In an organisation, who brought a repository keeps deciding about it; a person shares it as with anybody. */
function roleOfFormerOwner(newOwner: Owner['kind']): RepositoryRole {
  return newOwner === 'organization' ? 'admin' : 'write';
}

const gone: Problem = { field: 'name', code: 'custom', message: 'There is no such repository any more.' };
const isTheirs: Problem = {
  field: 'new_owner',
  code: 'invalid',
  message: 'The repository is theirs already.',
};

function nameTaken(login: string): Problem {
  const message = `${login} already has a repository of this name.`;
  return { field: 'new_name', code: 'already_exists', message };
}
