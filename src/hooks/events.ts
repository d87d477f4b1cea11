// What happens to a repository beside pushes and statuses, told to its webhooks in the transaction that does it:
// `repository`, `public`, `member`, `deploy_key` (GitHub docs, "Webhook events and payloads"). That it was made or deleted
// is told by GitHub to hooks of organisations alone: a repository's own come after it and go with it.
import type { RepositoryRole } from '../access/actions.ts';
import { type NamedAccount, simpleUserJson } from '../accounts/json.ts';
import type { Acting } from '../context.ts';
import type { Db } from '../db/database.ts';
import { namedOwner } from '../repositories/json.ts';
import { presentRepository } from '../repositories/present.ts';
import type { Repository } from '../repositories/repositories.ts';
import { announce, type HookEvent, listeners } from './deliveries.ts';
import { commonPayload } from './payloads.ts';

/** Tells what was changed of a repository. @param db the transaction that changes it */
export async function announceChanges(
  ctx: Acting,
  db: Db,
  before: Repository,
  after: Repository,
): Promise<void> {
  for (const event of changesOf(ctx, before, after)) {
    const payload = { ...event.payload, ...commonPayload(ctx, after) };
    await announce(ctx, db, after.id, { ...event, payload });
  }
}

function changesOf(ctx: Acting, before: Repository, after: Repository): readonly HookEvent[] {
  const events: HookEvent[] = [];
  const tell = (action: string, changes?: object) =>
    events.push({ event: 'repository', action, payload: changes === undefined ? {} : { changes } });
  if (before.ownerId !== after.ownerId) {
    const kind = before.ownerKind;
    tell('transferred', { owner: { from: { [kind]: simpleUserJson(ctx.config, namedOwner(before)) } } });
  }
  if (before.name !== after.name) tell('renamed', { repository: { name: { from: before.name } } });
  const edited = {
    ...(before.description === after.description ? {} : { description: { from: before.description } }),
    ...(before.defaultBranch === after.defaultBranch
      ? {}
      : { default_branch: { from: before.defaultBranch } }),
  };
  if (Object.keys(edited).length > 0) tell('edited', edited);
  if ((before.visibility === 'public') !== (after.visibility === 'public')) {
    const isPublic = after.visibility === 'public';
    tell(isPublic ? 'publicized' : 'privatized');
    if (isPublic) events.push({ event: 'public', payload: {} });
  }
  return events;
}

/** Tells that somebody may do more or less in a repository. `was`, `is`: their own role; null: none. */
export async function announceMember(
  ctx: Acting,
  db: Db,
  repositoryId: number,
  {
    member,
    was,
    is,
  }: {
    readonly member: NamedAccount;
    readonly was: RepositoryRole | null;
    readonly is: RepositoryRole | null;
  },
): Promise<void> {
  if (was === is) return;
  const action = was === null ? 'added' : is === null ? 'removed' : 'edited';
  const changes = {
    added: { permission: { to: is }, role_name: { to: is } },
    edited: { old_permission: { from: was }, permission: { from: was, to: is } },
    removed: undefined,
  }[action];
  const payload = {
    member: simpleUserJson(ctx.config, member),
    ...(changes === undefined ? {} : { changes }),
  };
  await announceIn(ctx, db, repositoryId, 'member', action, () => payload);
}

/** Tells that a deploy key was made or deleted. @param key the key as the API shows it, given its repository */
export async function announceDeployKey(
  ctx: Acting,
  db: Db,
  repositoryId: number,
  action: 'created' | 'deleted',
  key: (repository: string) => object,
): Promise<void> {
  await announceIn(ctx, db, repositoryId, 'deploy_key', action, ({ ownerLogin, name }) => ({
    key: key(`${ownerLogin}/${name}`),
  }));
}

/** The repository is read only where somebody listens. */
async function announceIn(
  ctx: Acting,
  db: Db,
  repositoryId: number,
  event: string,
  action: string,
  payloadOf: (repository: Repository) => object,
): Promise<void> {
  if ((await listeners(db, repositoryId, event)).length === 0) return;
  const repository = await presentRepository(db, repositoryId);
  if (repository === null) return;
  const payload = { ...payloadOf(repository), ...commonPayload(ctx, repository) };
  await announce(ctx, db, repositoryId, { event, action, payload });
}
