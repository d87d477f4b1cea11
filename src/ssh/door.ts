// One command over SSH, from the key to git and back: the way in that the built-in server and the forced command of
// OpenSSH's server share. It asks the same decision as every other way (access/decide.ts) and says no in
// GHES's words (ghes-spec 7.4).

import { decide } from '../access/decide.ts';
import { credentialOf } from '../access/doer.ts';
import type { Context } from '../context.ts';
import { type GitChannel, serveChannel, sessionVersion } from '../git/channel.ts';
import type { Operations } from '../git/operation.ts';
import { credentialOfId, type KeyCredential } from '../keys/credentials.ts';
import type { KeysLastUsed } from '../keys/last-used.ts';
import { findRepository } from '../repositories/repositories.ts';
import { readCommand } from './command.ts';

export interface Door {
  readonly ctx: Context;
  readonly operations: Operations;
  readonly lastUsed: KeysLastUsed;
}

export interface CommandRequest {
  /** The key that the client proved to hold. */
  readonly keyId: number;
  /** Null: a shell was asked for. */
  readonly command: string | null;
  /** GIT_PROTOCOL of the session's environment. */
  readonly gitProtocol: string | undefined;
  readonly address: string | null;
  /** What the client calls itself. */
  readonly client: string | null;
}

/**
 * Serves one command.
 * @returns the exit status for the channel; all words are written to its standard error by then
 */
export async function serveCommand(
  door: Door,
  request: CommandRequest,
  channel: GitChannel,
): Promise<number> {
  const { ctx, operations } = door;
  // Asked anew for each command: a connection may be older than the deletion of its key.
  const credential = await credentialOfId(ctx, request.keyId);
  const outcome = credential === null ? keyGone : await judge(ctx, credential, request.command);
  if ('words' in outcome) {
    if (channel.writable) channel.stderr.write(`${outcome.words}\n`);
    return 1;
  }
  if (credential !== null) door.lastUsed.used(credential);
  return serveChannel(operations, channel, {
    ...outcome.git,
    by: {
      account: outcome.git.actor.kind === 'user' ? outcome.git.actor.account : null,
      credential: credentialOf(outcome.git.actor),
      address: request.address,
      userAgent: request.client,
      requestId: null,
    },
    version: sessionVersion(request.gitProtocol),
  });
}

const keyGone = { words: 'ERROR: The key you are authenticating with is not known any more.' };

async function judge(ctx: Context, { actor, name, suspended }: KeyCredential, text: string | null) {
  if (suspended) {
    return { words: 'ERROR: Your account is suspended. Please check with your installation administrator.' };
  }
  if (text === null) {
    return {
      words: `Hi ${name}! You've successfully authenticated, but GitHub does not provide shell access.`,
    };
  }
  const command = readCommand(text);
  if (command === null) {
    return {
      words: 'ERROR: Only git fetch and git push are served here, for addresses like /OWNER/REPO.git.',
    };
  }
  const { service, owner, repository } = command;
  const target = await findRepository(ctx, actor, owner, repository);
  if (target === null) return notFound;
  const action = service === 'upload-pack' ? 'contents.read' : 'contents.write';
  const decision = decide(actor, action, target);
  if (decision.allowed) return { git: { actor, target, service } };
  if (decision.because === 'invisible') return notFound;
  if (actor.kind === 'deploy-key' && actor.readOnly && actor.repositoryId === target.repositoryId) {
    return { words: 'ERROR: The key you are authenticating with has been marked as read only.' };
  }
  return { words: `ERROR: Permission to ${owner}/${repository}.git denied to ${name}.` };
}

/** The same for a private repository and for one that does not exist. */
const notFound = { words: 'ERROR: Repository not found.' };
