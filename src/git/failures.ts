// What became of an operation that failed: its outcome for the metrics, and the words for its client.
import { challenge, type Words } from './answers.ts';
import type { GitOutcome, Part } from './observer.ts';
import { PoolFullError } from './pool.ts';
import { BadInput, GitFailed, Stop } from './stops.ts';

export function outcomeOf(error: unknown): GitOutcome {
  if (error instanceof Stop) return error.because;
  if (error instanceof PoolFullError) return 'turned-away';
  return error instanceof BadInput ? 'bad-input' : 'failed';
}

/** An advertisement takes nothing from the client that could make git fail, so its failing is ours to look into. */
export function isUnexpected(error: unknown, part: Part): boolean {
  if (error instanceof GitFailed) return part === 'advertisement' || error.status === -1;
  return !(error instanceof Stop || error instanceof PoolFullError || error instanceof BadInput);
}

export function wordsFor(error: unknown, part: Part): Words {
  if (error instanceof BadInput) return { status: error.status, text: error.message };
  if (error instanceof PoolFullError) {
    return {
      status: 503,
      text: 'The server is busy: too many git operations are waiting. Try again in a few seconds.',
      headers: { 'retry-after': '10' },
    };
  }
  if (error instanceof Stop) {
    switch (error.because) {
      case 'closing':
        return {
          status: 503,
          text: 'The server is restarting. Try again in a few seconds.',
          headers: { 'retry-after': '10' },
        };
      case 'credential-lost':
        return { status: 401, text: 'The credential was withdrawn while it was in use.', headers: challenge };
      case 'access-lost':
        return { status: 403, text: 'Access to the repository was withdrawn while it was in use.' };
      case 'stalled':
        return { status: 408, text: 'The request did not arrive in time.' };
      default:
        return {
          status: 503,
          text: 'The operation took longer than this server allows.',
          headers: { 'retry-after': '60' },
        };
    }
  }
  if (isUnexpected(error, part)) return { status: 500, text: 'git could not serve this repository.' };
  return { status: 400, text: 'The request is not one that git understands.' };
}
