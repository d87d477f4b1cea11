// Commit statuses: what machines say of a commit, by context (`ci/build`). The newest of each context counts; together
// they make the commit's state. They need no code: a token with `repo:status` alone writes and reads them.

import type { NamedAccount } from '../accounts/json.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { announce } from '../hooks/deliveries.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { concerning } from '../repositories/log.ts';
import type { Repository } from '../repositories/repositories.ts';
import { statusPayload } from './payload.ts';
import * as store from './store.ts';

export const states = ['error', 'failure', 'pending', 'success'] as const;
export type State = (typeof states)[number];

export interface NewStatus {
  /** The commit's full id; that it is there is not asked here. */
  readonly sha: string;
  readonly state: State;
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
}

export interface Status extends NewStatus {
  readonly id: number;
  /** Null: the account is gone. */
  readonly creator: NamedAccount | null;
  readonly createdAt: number;
}

/** GitHub's bounds (REST, "Create a commit status"). */
export const MAX_OF_CONTEXT = 1000;
const MAX_DESCRIPTION_LENGTH = 140;
const MAX_CONTEXT_LENGTH = 255;
const MAX_URL_LENGTH = 2000;

export async function createStatus(
  ctx: Acting,
  repository: Repository,
  status: NewStatus,
): Promise<Outcome<Status>> {
  const problems = problemsOf(status);
  if (problems.length > 0) return refused(...problems);
  const { by } = ctx;
  return ctx.db.transaction().execute(async (db) => {
    const row = { ...status, creatorId: by.account?.id ?? null, at: ctx.now() };
    const made = await store.insertStatus(db, repository.id, row, MAX_OF_CONTEXT);
    if (made === null) {
      const message = `This SHA and context has reached the maximum number of statuses.`;
      return refused({ field: 'base', code: 'custom', message });
    }
    await record(ctx, db, {
      action: 'commit_status.create',
      operation: 'create',
      ...(await concerning(db, repository)),
      data: { sha: status.sha, context: status.context, state: status.state },
    });
    await announce(ctx, db, repository.id, {
      event: 'status',
      payload: statusPayload(ctx, repository, made),
    });
    return done(made);
  });
}

function problemsOf({ context, description, targetUrl }: NewStatus): readonly Problem[] {
  const problems: Problem[] = [];
  const text = (field: string, value: string, most: number) => {
    if ([...value].length > most) {
      problems.push({
        field,
        code: 'custom',
        message: `${field} is too long (maximum is ${most} characters)`,
      });
    } else if (/[\p{Cc}\p{Cs}]/u.test(value)) {
      problems.push({
        field,
        code: 'invalid',
        message: `${field} contains characters that cannot be shown.`,
      });
    }
  };
  if (context === '')
    problems.push({ field: 'context', code: 'missing_field', message: "context can't be blank" });
  text('context', context, MAX_CONTEXT_LENGTH);
  if (description !== null) text('description', description, MAX_DESCRIPTION_LENGTH);
  if (targetUrl !== null && !isWebUrl(targetUrl)) {
    problems.push({
      field: 'target_url',
      code: 'custom',
      message: 'target_url must use http(s) scheme',
    });
  }
  return problems;
}

/** People click on it, so no other scheme, and no credential in it. */
function isWebUrl(text: string): boolean {
  const url = text.length <= MAX_URL_LENGTH ? URL.parse(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}

/** All of a commit, the newest first; `total` counts all pages. */
export async function listStatuses(
  ctx: Context,
  repository: Repository,
  sha: string,
  { page, perPage }: { readonly page: number; readonly perPage: number },
): Promise<{ readonly items: readonly Status[]; readonly total: number }> {
  return store.statusesPage(ctx.db, repository.id, sha, (page - 1) * perPage, perPage);
}

/** The newest of each context, in the order in which they came. */
export async function latestStatuses(
  ctx: Context,
  repository: Repository,
  sha: string,
): Promise<readonly Status[]> {
  return store.latestStatuses(ctx.db, repository.id, [sha]);
}

/** What they come to: failure before pending before success; nothing said yet is pending. */
export function combinedState(statuses: readonly Pick<Status, 'state'>[]): Exclude<State, 'error'> {
  if (statuses.some(({ state }) => state === 'error' || state === 'failure')) return 'failure';
  if (statuses.length === 0 || statuses.some(({ state }) => state === 'pending')) return 'pending';
  return 'success';
}
