// What the API says when git refuses what a request wants to write.
import { ApiError } from '../api/errors.ts';
import type { Operations } from '../git/operation.ts';
import { PoolFullError } from '../git/pool.ts';
import { Stop } from '../git/stops.ts';
import type { RepositoryCall } from '../repositories/api-addresses.ts';
import type { ObjectFormat } from '../repositories/storage.ts';
import { changeRef, type RefChange, type RefOutcome } from './ref-changes.ts';
import type { Stored } from './storing.ts';

/** A 422 whose message alone says what is wrong, as GitHub answers for git's objects. */
export function unprocessable(message: string): ApiError {
  return new ApiError('unprocessable', { message });
}

/** @throws ApiError */
export function assertStored(stored: Stored): void {
  if (stored.ok) return;
  throw stored.because === 'limit'
    ? unprocessable('The repository would be larger than it may be on this server.')
    : unprocessable('The content was refused: it can not be stored as it is.');
}

/**
 * Moves a ref, and answers for what git says about it.
 * @returns null when it is done; otherwise the answer that was sent
 * @throws ApiError
 */
export async function moveRef(
  operations: Operations,
  call: Pick<RepositoryCall, 'ctx' | 'actor' | 'target' | 'refuse'>,
  format: ObjectFormat,
  change: RefChange,
): Promise<{ readonly sent: unknown } | null> {
  const outcome = await changeRef(operations, call, format, change).catch((error: unknown): RefOutcome => {
    if (error instanceof PoolFullError || error instanceof Stop) throw new ApiError('unavailable');
    throw error;
  });
  if (outcome.ok) return null;
  const { reason } = outcome;
  if (reason === null) throw unprocessable('The content was refused: it can not be stored as it is.');
  if (/^refusing to allow .*workflow/.test(reason)) return { sent: call.refuse(workflowRefusal(reason)) };
  if (/deletion of the current branch/.test(reason)) {
    throw unprocessable('Cannot delete the default branch: choose another one first.');
  }
  if (/^(failed to update ref|reference already exists|fetch first|non-fast-forward)/.test(reason)) {
    throw new ApiError('conflict', {
      message: `${change.ref} was changed by somebody else meanwhile: read it again.`,
    });
  }
  throw unprocessable(`The reference was not changed: ${reason.slice(0, 200)}`);
}

/**
 * GitHub answers 404 and no word why (octokit.rb issue 1184, cli issue 9773); the status is kept, since clients know
 * it, and the reason said: who may write here knows of the repository anyhow.
 */
function workflowRefusal(refusal: string) {
  return { because: 'scope-missing', accepted: ['workflow'], refusal, asIfMissing: true } as const;
}
