// `latchkey repo create --import`: where from, with which token, and how far it is.
import type { Acting } from '../context.ts';
import {
  type ImportedRepository,
  type ImportSource,
  importRepository,
  importSourceIn,
} from '../imports/imports.ts';
import type { ImportProgress } from '../imports/progress.ts';
import type { Outcome } from '../problems.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Secret } from '../secrets/secret.ts';
import { Failure, UsageError } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** Hosts ask for some user name, and look at the token only; this is the one that GitHub's own tools send. */
const TOKEN_USER = 'x-access-token';

/** @param token what the URL's host asks for as a password; null: nothing */
export function sourceIn(text: string, allowLinks: boolean, token: Secret | null): ImportSource {
  const source = importSourceIn(text, { allowLinks });
  if (token === null) return source;
  if (source.kind === 'path')
    throw new UsageError('--token-stdin goes with the URL of a repository, not a path.');
  return { ...source, credentials: { username: TOKEN_USER, password: token } };
}

/** Imports with progress on standard error; a signal ends it and leaves nothing. */
export async function importFrom(
  terminal: Terminal,
  ctx: Acting,
  wanted: ImportedRepository,
  source: ImportSource,
): Promise<Outcome<Repository>> {
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Failure('The import was interrupted; nothing of it is left.'));
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
  const progress = showProgress(terminal);
  try {
    return await importRepository(ctx, wanted, source, { signal: stop.signal, onProgress: progress.show });
  } finally {
    progress.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt).off('SIGHUP', interrupt);
  }
}

/** On a terminal one line that changes; elsewhere a line for each phase. */
function showProgress(terminal: Terminal): { show(progress: ImportProgress): void; end(): void } {
  const isScreen = terminal.stderr.isTTY === true;
  let last = '';
  return {
    show({ phase, percent }) {
      const line = isScreen && percent !== null ? `${phase} ${percent} %` : phase;
      if (line === last) return;
      terminal.stderr.write(isScreen ? `\r${line.padEnd(last.length)}` : `${line}\n`);
      last = line;
    },
    end() {
      if (isScreen && last !== '') terminal.stderr.write('\n');
    },
  };
}
