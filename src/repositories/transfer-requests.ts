// Giving a repository to another person: they are asked, and have a day to accept, as on GitHub. A request holds as long
// as who sent it is an admin of the repository, and not suspended; each repository has one at most.
import { isLetIn } from '../accounts/accounts.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import type { Db } from '../db/database.ts';
import { notify } from '../mail/notices.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import * as collaborators from './collaborator-store.ts';
import { concerning } from './log.ts';
import { nameProblem } from './names.ts';
import { noNewOwner } from './owning.ts';
import { presentRepository } from './present.ts';
import type { Repository } from './repositories.ts';
import { handOver } from './transfer.ts';
import * as store from './transfer-store.ts';

export interface PendingTransfer {
  readonly id: number;
  readonly repository: Repository;
  readonly receiver: Named;
  readonly requester: Named;
  /** Null: it keeps its name. */
  readonly newName: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

interface Named {
  readonly id: number;
  readonly login: string;
}

/** GitHub's: "The new owner has one day to accept". */
const LIFE_MS = 24 * 60 * 60_000;
const PIECE = 100;

/**
 * Asks somebody to take a repository. Who may ask is not asked here. Whether the receiver has a repository of this name
 * is not told before they accept: it may be a private one.
 */
export async function requestTransfer(
  ctx: Acting,
  repository: Repository,
  {
    receiver,
    requester,
    newName = null,
  }: { readonly receiver: Named; readonly requester: Named; readonly newName?: string | null },
): Promise<Outcome<PendingTransfer>> {
  const problem = newName === null ? null : nameProblem(newName);
  if (problem !== null) return refused({ ...problem, field: 'new_name' });
  return ctx.db.transaction().execute(async (db) => {
    const present = await presentRepository(db, repository.id);
    if (present === null || !(await isLetIn({ db }, receiver.id))) return refused(noNewOwner);
    if (present.ownerId === receiver.id) return refused(isTheirs);
    const former = await store.ofRepository(db, present.id);
    const at = ctx.now();
    await store.put(db, {
      repositoryId: present.id,
      receiverId: receiver.id,
      requesterId: requester.id,
      newName,
      at,
      expiresAt: at + LIFE_MS,
    });
    const request = await store.ofRepository(db, present.id);
    if (request === null) return refused(noNewOwner);
    await log(ctx, db, request, 'repo.transfer_start', 'create');
    const isReminder = former?.receiver.id === receiver.id && former.expiresAt > at;
    if (!isReminder) await tellReceiver(ctx, db, request);
    return done(request);
  });
}

/** What waits for the account's answer. */
export function listTransfersTo(
  ctx: Context,
  accountId: number,
  limit: number,
): Promise<readonly PendingTransfer[]> {
  return store.ofReceiver(ctx.db, accountId, ctx.now(), limit);
}

/** Null: nobody is asked to take it. */
export async function findTransferOf(ctx: Context, repositoryId: number): Promise<PendingTransfer | null> {
  const request = await store.ofRepository(ctx.db, repositoryId);
  return request !== null && request.expiresAt > ctx.now() ? request : null;
}

/** The account takes it: it owns the repository from now on. */
export async function acceptTransfer(
  ctx: Acting,
  accountId: number,
  id: number,
): Promise<Outcome<Repository>> {
  return ctx.db.transaction().execute(async (db) => {
    const request = await waiting(ctx, db, accountId, id);
    if (request === null) return refused(over);
    const { repository, requester, receiver, newName } = request;
    const role = await collaborators.highestRoleOf(db, repository.id, requester.id);
    if (role !== 'admin' || !(await isLetIn({ db }, requester.id))) return refused(outdated);
    const newOwner = { ...receiver, kind: 'user' } as const;
    const outcome = await handOver(ctx, db, repository, {
      newOwner,
      ...(newName === null ? {} : { newName }),
    });
    if (outcome.ok) await tellRequester(ctx, db, request, 'accepted');
    return outcome;
  });
}

/** The account says no. Null: there is nothing to decline any more. */
export async function declineTransfer(
  ctx: Acting,
  accountId: number,
  id: number,
): Promise<PendingTransfer | null> {
  return ctx.db.transaction().execute(async (db) => {
    const request = await waiting(ctx, db, accountId, id);
    if (request === null) return null;
    await store.removeOf(db, request.repository.id);
    await log(ctx, db, request, 'repo.transfer_decline', 'remove');
    await tellRequester(ctx, db, request, 'declined');
    return request;
  });
}

/** Takes a request back. @returns false when there was none */
export async function cancelTransfer(ctx: Acting, repositoryId: number): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    const request = await store.ofRepository(db, repositoryId);
    if (request === null || request.expiresAt <= ctx.now()) return false;
    await store.removeOf(db, repositoryId);
    await log(ctx, db, request, 'repo.transfer_cancel', 'remove');
    return true;
  });
}

/** Housekeeping: ends requests that nobody answered in their day. */
export async function endUnanswered(ctx: Acting): Promise<void> {
  for (const id of await store.idsOver(ctx.db, ctx.now(), PIECE)) {
    await ctx.db.transaction().execute(async (db) => {
      const request = await store.byId(db, id);
      if (request === null || request.expiresAt > ctx.now()) return;
      await store.removeOf(db, request.repository.id);
      await log(ctx, db, request, 'repo.transfer_expire', 'remove');
      await tellRequester(ctx, db, request, 'unanswered');
    });
  }
}

async function waiting(ctx: Acting, db: Db, accountId: number, id: number): Promise<PendingTransfer | null> {
  const request = await store.byId(db, id);
  return request?.receiver.id === accountId && request.expiresAt > ctx.now() ? request : null;
}

async function log(
  ctx: Acting,
  db: Db,
  { id, repository, receiver, requester }: PendingTransfer,
  action: string,
  operation: 'create' | 'remove',
): Promise<void> {
  await record(ctx, db, {
    action,
    operation,
    ...(await concerning(db, repository)),
    // Both see it in their logs: who does it, and whom it concerns.
    user: ctx.by.account?.id === receiver.id ? requester : receiver,
    data: { transfer_id: id, new_user: receiver.login, requested_by: requester.login },
  });
}

const nameOf = ({ repository }: PendingTransfer) => `${repository.ownerLogin}/${repository.name}`;

async function tellReceiver(ctx: Acting, db: Db, request: PendingTransfer): Promise<void> {
  const { receiver, requester } = request;
  await notify(ctx, db, {
    accountId: receiver.id,
    subject: `${requester.login} wants to transfer ${nameOf(request)} to you`,
    text: `${requester.login} wants to transfer the repository ${nameOf(request)} to you. You have a day to accept.`,
    path: '/invitations',
    fromOthers: true,
    advice:
      'If you do not know what this is about, decline it, or leave it: nothing happens unless you accept.',
  });
}

const answers = {
  accepted: (receiver: string, name: string) => `${receiver} took ${name}, and owns it now.`,
  declined: (receiver: string, name: string) => `${receiver} declined ${name}: it stays where it is.`,
  unanswered: (receiver: string, name: string) =>
    `${receiver} did not answer within a day: ${name} stays where it is.`,
} as const;

async function tellRequester(
  ctx: Acting,
  db: Db,
  request: PendingTransfer,
  answer: keyof typeof answers,
): Promise<void> {
  const text = answers[answer](request.receiver.login, nameOf(request));
  const subject = `The transfer of ${nameOf(request)} to ${request.receiver.login}`;
  const path = '/settings/notices';
  await notify(ctx, db, { accountId: request.requester.id, subject, text, path, fromOthers: true });
}

const isTheirs: Problem = {
  field: 'new_owner',
  code: 'invalid',
  message: 'The repository is theirs already.',
};
const over: Problem = {
  field: 'transfer',
  code: 'custom',
  message: 'This transfer does not wait for an answer any more: ask for a new one.',
};
const outdated: Problem = {
  field: 'transfer',
  code: 'custom',
  message:
    'The transfer does not hold any more, since who asked for it may not give the repository away now: ask for a new one.',
};
