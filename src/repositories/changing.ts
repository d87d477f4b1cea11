// Changing a repository: its name, description, visibility and default branch; each kind of change is logged as its own.
import { anonymous } from '../access/actor.ts';
import type { Visibility } from '../access/targets.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { announceChanges } from '../hooks/events.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { mayBeHead, setHead } from './head.ts';
import { concerning, differences } from './log.ts';
import {
  branchProblem,
  descriptionProblem,
  nameProblem,
  normalDescription,
  repositoryNameKey,
} from './names.ts';
import { gone, nameTaken, onlyOrganizations, type Repository } from './repositories.ts';
import * as storage from './storage.ts';
import * as store from './store.ts';

export interface RepositoryUpdate {
  readonly name?: string;
  /** Null or blank: none. */
  readonly description?: string | null;
  readonly visibility?: Visibility;
  /** Has to exist, unless the repository is empty. */
  readonly defaultBranch?: string;
}

/** Changes all that is given, or nothing. The former name leads to the repository until somebody takes it. */
export async function updateRepository(
  ctx: Acting,
  id: number,
  update: RepositoryUpdate,
): Promise<Outcome<Repository>> {
  const description = update.description === undefined ? undefined : normalDescription(update.description);
  const problems = [
    update.name === undefined ? null : nameProblem(update.name),
    description === undefined ? null : descriptionProblem(description),
    update.defaultBranch === undefined ? null : await defaultBranchProblem(ctx, id, update.defaultBranch),
  ].filter((problem) => problem !== null);
  if (problems.length > 0) return refused(...problems);

  const outcome = await ctx.db.transaction().execute(async (db) => {
    const before = (await store.repositoryById(db, anonymous, id))?.repository;
    if (before === undefined) return refused(gone);
    if (update.visibility === 'internal' && before.ownerKind === 'user') return refused(onlyOrganizations);
    const name = update.name ?? before.name;
    const oldKey = repositoryNameKey(before.name);
    const nameKey = repositoryNameKey(name);
    if (nameKey !== oldKey) {
      if (await store.isNameTaken(db, before.ownerId, nameKey)) return refused(nameTaken);
      await store.endRedirect(db, before.ownerId, nameKey);
      await store.putRedirect(db, before.ownerId, oldKey, id);
    }
    await store.updateRepositoryRow(db, id, {
      name,
      nameKey,
      at: ctx.now(),
      ...(description === undefined ? {} : { description }),
      ...(update.visibility === undefined ? {} : { visibility: update.visibility }),
      ...(update.defaultBranch === undefined ? {} : { defaultBranch: update.defaultBranch }),
    });
    const after = (await store.repositoryById(db, anonymous, id))?.repository;
    if (after === undefined) return refused(gone);
    await recordUpdate(ctx, db, before, after);
    await announceChanges(ctx, db, before, after);
    return done(after);
  });
  if (outcome.ok && update.defaultBranch !== undefined) {
    await setHead(storage.repositoryDirectory(ctx.config, id), update.defaultBranch);
  }
  return outcome;
}

/** A new name and another visibility are events of their own (ghes-spec 12.1). */
async function recordUpdate(ctx: Acting, db: Db, before: Repository, after: Repository): Promise<void> {
  const about = await concerning(db, after);
  if (before.name !== after.name) {
    const data = { old_name: before.name };
    await record(ctx, db, { action: 'repo.rename', operation: 'modify', ...about, data });
  }
  if (before.visibility !== after.visibility) {
    const data = { visibility: after.visibility, previous_visibility: before.visibility };
    await record(ctx, db, { action: 'repo.access', operation: 'modify', ...about, data });
  }
  const data = differences(before, after, { description: 'description', defaultBranch: 'default_branch' });
  const isToldAlready = before.name !== after.name || before.visibility !== after.visibility;
  if (isToldAlready && Object.keys(data).length === 0) return;
  await record(ctx, db, { action: 'repo.update', operation: 'modify', ...about, data });
}

async function defaultBranchProblem(ctx: Context, id: number, branch: string): Promise<Problem | null> {
  const malformed = branchProblem(branch);
  if (malformed !== null) return malformed;
  if (await mayBeHead(storage.repositoryDirectory(ctx.config, id), branch)) return null;
  return {
    field: 'default_branch',
    code: 'invalid',
    message: `The branch ${branch} was not found. Please push that ref first.`,
  };
}
