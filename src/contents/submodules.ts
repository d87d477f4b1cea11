// Where a submodule comes from, as the `.gitmodules` of a commit says (gitmodules(5)).
import type { Context } from '../context.ts';
import { readBlob } from './blobs.ts';
import type { StoredRepository } from './reading.ts';
import { findEntry } from './trees.ts';

const MAX_GITMODULES_BYTES = 256 * 1024;

/**
 * The address of the submodule at a path; null where `.gitmodules` tells none that is an address.
 * @param base the repository's own address, which relative ones start from
 */
export async function submoduleUrl(
  ctx: Context,
  repository: StoredRepository,
  sha: string,
  path: string,
  base: string,
): Promise<string | null> {
  const entry = await findEntry(ctx, repository, sha, '.gitmodules');
  if (entry?.type !== 'file') return null;
  const blob = await readBlob(ctx, repository, entry.sha, MAX_GITMODULES_BYTES);
  if (blob === null) return null;
  const written = parseModules(blob.bytes.toString('utf8')).find((module) => module.path === path)?.url;
  return written === undefined ? null : asUrl(written, base);
}

interface Module {
  readonly path?: string;
  readonly url?: string;
}

/** The two settings of each section that matter here; quoted and commented values are read as they stand. */
function parseModules(text: string): readonly Module[] {
  const modules: Record<string, string>[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*\[submodule\b/.test(line)) modules.push({});
    const equals = line.indexOf('=');
    const name = line.slice(0, Math.max(0, equals)).trim();
    const last = modules.at(-1);
    if ((name === 'path' || name === 'url') && last !== undefined) last[name] = line.slice(equals + 1).trim();
  }
  return modules;
}

function asUrl(written: string, base: string): string | null {
  if (/^\.\.?\//.test(written)) return new URL(written, `${base}/`).href;
  if (/^(https?|ssh|git):$/.test(URL.parse(written)?.protocol ?? '')) return written;
  // The short form of SSH addresses: git@host:owner/repo.git
  const [, host, path] = /^([\w.-]+@[\w.-]+):([^:\s]+)$/.exec(written) ?? [];
  return host === undefined ? null : `ssh://${host}/${path}`;
}
