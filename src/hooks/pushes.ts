// A push, told to the webhooks of its repository: `push` for each branch and tag that it moved, `create` and `delete`
// for those that it made and removed.

import { timestamp } from '../api/urls.ts';
import { parseCommit, type Signatory } from '../contents/commit-object.ts';
import { readObjects } from '../contents/objects.ts';
import { asText, readGit } from '../contents/reading.ts';
import type { Acting } from '../context.ts';
import { repositoryPageUrl } from '../repositories/json.ts';
import type { Repository } from '../repositories/repositories.ts';
import { announce, type HookEvent, listeners } from './deliveries.ts';
import { commonPayload } from './payloads.ts';

/** As in a push: ids in full, zeros for nothing. */
export interface MovedRef {
  readonly ref: string;
  readonly from: string;
  readonly to: string;
}

/** Of a push that moves more refs, nothing is told, as on GitHub. */
const MAX_TAGS = 3;
const MAX_REFS = 50;
const MAX_COMMITS = 20;
const MAX_COMMIT_BYTES = 8 * 1024;
const MAX_CHANGES_BYTES = 256 * 1024;

/** Tells it, where anybody wants to know. */
export async function announcePush(
  ctx: Acting,
  repository: Repository,
  moved: readonly MovedRef[],
): Promise<void> {
  const heard = async (event: string) => (await listeners(ctx.db, repository.id, event)).length > 0;
  const wanted = { push: await heard('push'), create: await heard('create'), delete: await heard('delete') };
  if (!wanted.push && !wanted.create && !wanted.delete) return;
  const named = moved.filter(({ ref }) => /^refs\/(heads|tags)\//.test(ref));
  const tags = named.filter(({ ref }) => ref.startsWith('refs/tags/'));
  if (tags.length > MAX_TAGS || named.length > MAX_REFS) return;
  const events: HookEvent[] = [];
  for (const each of named) {
    if (wanted.create && isNone(each.from)) events.push(refEvent(ctx, repository, 'create', each));
    if (wanted.push) events.push({ event: 'push', payload: await pushPayload(ctx, repository, each) });
    if (wanted.delete && isNone(each.to)) events.push(refEvent(ctx, repository, 'delete', each));
  }
  await ctx.db.transaction().execute(async (db) => {
    for (const event of events) await announce(ctx, db, repository.id, event);
  });
}

function isNone(sha: string): boolean {
  return /^0+$/.test(sha);
}

function refEvent(
  ctx: Acting,
  repository: Repository,
  event: 'create' | 'delete',
  { ref }: MovedRef,
): HookEvent {
  const payload = {
    ref: ref.replace(/^refs\/(heads|tags)\//, ''),
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ...(event === 'create'
      ? { master_branch: repository.defaultBranch, description: repository.description }
      : {}),
    pusher_type: ctx.by.credential.kind === 'deploy-key' ? 'deploy_key' : 'user',
    ...commonPayload(ctx, repository),
  };
  return { event, payload };
}

/** The payload of a `push`, with the newest commits that it brought. */
export async function pushPayload(ctx: Acting, repository: Repository, { ref, from, to }: MovedRef) {
  const page = repositoryPageUrl(ctx.config, repository);
  const commits = isNone(to) ? [] : await broughtCommits(ctx, repository, { from, to });
  const common = commonPayload(ctx, repository);
  return {
    ref,
    before: from,
    after: to,
    ...common,
    pusher: { name: ctx.by.account?.login ?? 'deploy_key' },
    created: isNone(from),
    deleted: isNone(to),
    forced: !isNone(from) && !isNone(to) && !(await isAncestor(ctx, repository, from, to)),
    base_ref: null,
    compare: `${page}/commits/${isNone(to) ? from : to}`,
    commits,
    head_commit: commits.at(-1) ?? null,
  };
}

async function isAncestor(ctx: Acting, repository: Repository, from: string, to: string): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', '--end-of-options', from, to];
  return (await readGit(ctx, repository, args, { late: 'truncate', timeoutMs: 5_000 })).status === 0;
}

/** The oldest first. */
async function broughtCommits(
  ctx: Acting,
  repository: Repository,
  { from, to }: { readonly from: string; readonly to: string },
) {
  const since = isNone(from) ? [] : [`^${from}`];
  const args = [
    'rev-list',
    `--max-count=${isNone(from) ? 1 : MAX_COMMITS}`,
    '--end-of-options',
    to,
    ...since,
    '--',
  ];
  const { bytes } = await readGit(ctx, repository, args, { late: 'truncate', timeoutMs: 5_000 });
  const ids = bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => /^[0-9a-f]{40,64}$/.test(line));
  const objects = await readObjects(ctx, repository, ids.reverse(), MAX_COMMIT_BYTES);
  const changes = await changedPaths(ctx, repository, ids);
  const page = repositoryPageUrl(ctx.config, repository);
  return objects.flatMap((object) => {
    if (object?.type !== 'commit') return [];
    const commit = parseCommit(object.sha, object.bytes);
    return [
      {
        id: commit.sha,
        tree_id: commit.treeSha,
        distinct: true,
        message: commit.message,
        timestamp: timestamp(commit.committer.date),
        url: `${page}/commit/${commit.sha}`,
        author: person(commit.author),
        committer: person(commit.committer),
        ...(changes.get(commit.sha) ?? { added: [], removed: [], modified: [] }),
      },
    ];
  });
}

function person({ name, email }: Signatory) {
  return { name, email };
}

interface Paths {
  readonly added: string[];
  readonly removed: string[];
  readonly modified: string[];
}

/** By commit. What does not fit into the bound is left out. */
async function changedPaths(
  ctx: Acting,
  repository: Repository,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Paths>> {
  const found = new Map<string, Paths>();
  if (ids.length === 0) return found;
  const args = ['diff-tree', '--stdin', '-r', '--root', '--name-status', '--no-renames', '-z'];
  const { bytes } = await readGit(ctx, repository, args, {
    input: `${ids.join('\n')}\n`,
    maxBytes: MAX_CHANGES_BYTES,
    late: 'truncate',
    timeoutMs: 5_000,
  });
  const words = asText(bytes).split('\0').slice(0, -1);
  let paths: Paths | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = (words[at] ?? '').trim();
    if (/^[0-9a-f]{40,64}$/.test(word)) {
      paths = { added: [], removed: [], modified: [] };
      found.set(word, paths);
    } else {
      const path = words[++at];
      if (path === undefined) break;
      const list = word === 'A' ? paths?.added : word === 'D' ? paths?.removed : paths?.modified;
      list?.push(path);
    }
  }
  return found;
}
