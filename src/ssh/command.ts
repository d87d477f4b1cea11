// What a client asks for: one of git's two commands with one repository, as git writes it (git-upload-pack(1),
// its connect.c quotes the path for a shell). Nothing of it ever reaches a shell here.
import type { Service } from '../git/protocol.ts';

export interface GitCommand {
  readonly service: Service;
  readonly owner: string;
  /** Without `.git`. */
  readonly repository: string;
}

/** Longer than any command with any name that a repository can have. */
const MAX_LENGTH = 1_024;

/** @returns null for anything else than a fetch or a push */
export function readCommand(text: string): GitCommand | null {
  if (text.length > MAX_LENGTH) return null;
  const match = /^git[- ](?<service>upload-pack|receive-pack) +(?<path>\S.*?) *$/.exec(text);
  const { service, path } = match?.groups ?? {};
  if (service === undefined || path === undefined) return null;
  const named = /^\/?(?<owner>[^/\s]+)\/(?<repository>[^/\s]+?)(?:\.git)?\/?$/.exec(unquoted(path));
  const { owner, repository } = named?.groups ?? {};
  if (owner === undefined || repository === undefined) return null;
  return { service: service === 'upload-pack' ? service : 'receive-pack', owner, repository };
}

/** Of quotes, only a pair around all is undone: no name needs more. */
function unquoted(path: string): string {
  return /^'([^']*)'$/.exec(path)?.[1] ?? /^"([^"]*)"$/.exec(path)?.[1] ?? path;
}
