// A repository's front page, its directories and its files.
import type { JSX } from 'preact';
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { Icon } from '../web/icon.tsx';
import { Notice } from '../web/parts.tsx';
import { contentPath, repositoryPath } from './addresses.ts';
import { BlobView, readBlobView } from './blob-view.tsx';
import { BranchPicker, PICKER_BRANCHES } from './branch-picker.tsx';
import { CloneUrl, EmptyRepository, TokenHint } from './clone-box.tsx';
import { LatestCommit } from './commit-parts.tsx';
import { listCommits } from './commits.ts';
import { createDirectories, type Directory } from './directory.ts';
import { FileTable } from './file-table.tsx';
import { findFromPath } from './finding.ts';
import { renderRepositoryPage } from './frame.tsx';
import { findInPath } from './path-finding.ts';
import type { MarkdownRenderer } from './readme.ts';
import { Readme, type ReadmeContent, readReadme } from './readme-view.tsx';
import { type Branch, findBranch, type Listed, listBranches, listTags, type Revision } from './refs.ts';
import type { Repository } from './repositories.ts';
import type { TreeEntry } from './trees.ts';

const Params = Type.Object({ owner: Type.String(), repo: Type.String() });
const PathParams = Type.Object({ owner: Type.String(), repo: Type.String(), '*': Type.String() });

/** Counting commits ends here; more are shown as "10,000+". */
const MAX_COUNT = 10_000;

export function codePages(routes: GuardedRoutes, ctx: Context, markdown: MarkdownRenderer): void {
  const target = findFromPath(ctx);
  const directories = createDirectories(ctx);

  routes.route({
    method: 'GET',
    url: '/:owner/:repo',
    action: 'repositories.read',
    schema: { params: Params },
    target,
    async handler(call) {
      const { repository } = call.target;
      const branches = await listBranches(ctx, repository, { page: 1, perPage: PICKER_BRANCHES });
      const branch = (await findBranch(ctx, repository, repository.defaultBranch)) ?? branches.items[0];
      if (branch === undefined) {
        const mayPush = call.ask(call.actor, 'contents.write', call.target).allowed;
        return renderRepositoryPage(
          call,
          { tab: 'code' },
          <EmptyRepository repository={repository} mayPush={mayPush} />,
        );
      }
      const revision: Revision = { sha: branch.sha, kind: 'branch', name: branch.name };
      const [directory, tags, commits] = await Promise.all([
        directories.read(repository, branch.sha, ''),
        listTags(ctx, repository, { page: 1, perPage: 1 }),
        directories.count(repository, branch.sha, MAX_COUNT + 1),
      ]);
      const readme = await readReadme(ctx, markdown, repository, revision, directory?.readme ?? null);
      return renderRepositoryPage(
        call,
        { tab: 'code' },
        <div class="repo-front">
          <div class="repo-main">
            {branch.name !== repository.defaultBranch && (
              <Notice kind="warn">
                The default branch <strong>{repository.defaultBranch}</strong> does not exist. This is{' '}
                <strong>{branch.name}</strong>.
              </Notice>
            )}
            <div class="repo-bar">
              <BranchPicker repository={repository} revision={revision} branches={branches} page="tree" />
              <Counts repository={repository} branches={branches.total} tags={tags.total} />
            </div>
            {directory !== null && (
              <DirectoryView
                readme={readme}
                repository={repository}
                revision={revision}
                directory={directory}
                commits={commits}
              />
            )}
          </div>
          <aside class="repo-about" aria-label="About">
            <h2 class="h4">About</h2>
            <p class={repository.description === null ? 'muted' : undefined}>
              {repository.description ?? 'No description.'}
            </p>
            <CloneUrl repository={repository} />
            <TokenHint />
          </aside>
        </div>,
      );
    },
  });

  routes.route({
    method: 'GET',
    url: '/:owner/:repo/tree/*',
    action: 'contents.read',
    schema: { params: PathParams },
    target,
    async handler(call) {
      const { repository } = call.target;
      const found = await findInPath(ctx, repository, call.params['*']);
      if (found === null) return call.refuse({ because: 'invisible' });
      const { revision, entry } = found;
      if (entry.type !== 'dir') {
        return call.reply.redirect(contentPath(repository, 'blob', revision.name, entry.path), 302);
      }
      const [branches, directory] = await Promise.all([
        listBranches(ctx, repository, { page: 1, perPage: PICKER_BRANCHES }),
        directories.read(repository, revision.sha, entry.path),
      ]);
      if (directory === null) return call.refuse({ because: 'invisible' });
      const readme = await readReadme(ctx, markdown, repository, revision, directory.readme);
      return renderRepositoryPage(
        call,
        { tab: 'code', title: entry.path === '' ? revision.name : entry.path },
        <>
          <PathBar
            repository={repository}
            revision={revision}
            entry={entry}
            branches={branches}
            page="tree"
          />
          <DirectoryView
            readme={readme}
            repository={repository}
            revision={revision}
            directory={directory}
            commits={null}
          />
        </>,
      );
    },
  });

  routes.route({
    method: 'GET',
    url: '/:owner/:repo/blob/*',
    action: 'contents.read',
    schema: { params: PathParams },
    target,
    async handler(call) {
      const { repository } = call.target;
      const found = await findInPath(ctx, repository, call.params['*']);
      if (found === null) return call.refuse({ because: 'invisible' });
      const { revision, entry } = found;
      if (entry.type === 'dir') {
        return call.reply.redirect(contentPath(repository, 'tree', revision.name, entry.path), 302);
      }
      const [branches, { items: latest }, view] = await Promise.all([
        listBranches(ctx, repository, { page: 1, perPage: PICKER_BRANCHES }),
        listCommits(ctx, repository, revision.sha, { path: entry.path, page: 1, perPage: 1 }),
        readBlobView(ctx, markdown, repository, revision, entry, call.request.query),
      ]);
      if (view === null) return call.refuse({ because: 'invisible' });
      const [commit] = latest;
      return renderRepositoryPage(
        call,
        { tab: 'code', title: entry.path },
        <>
          <PathBar
            repository={repository}
            revision={revision}
            entry={entry}
            branches={branches}
            page="blob"
          />
          {commit !== undefined && (
            <div class="Box latest-commit-box">
              <LatestCommit repository={repository} commit={commit} />
            </div>
          )}
          <BlobView repository={repository} revision={revision} entry={entry} view={view} />
        </>,
      );
    },
  });
}

interface DirectoryProps {
  readonly repository: Repository;
  readonly revision: Revision;
  readonly directory: Directory;
  readonly readme: ReadmeContent | null;
  /** How many commits lead here; null: not told. */
  readonly commits: number | null;
}

function DirectoryView({ repository, revision, directory, readme, commits }: DirectoryProps): JSX.Element {
  const { path, tree, latest, lastChanges } = directory;
  return (
    <>
      <div class="Box file-box">
        <div class="file-box-header">
          {latest !== null && <LatestCommit repository={repository} commit={latest} />}
          <a class="commit-count" href={contentPath(repository, 'commits', revision.name, path)}>
            <Icon name="history" />
            {commits === null ? 'History' : <Counted count={commits} noun="commit" />}
          </a>
        </div>
        <FileTable
          repository={repository}
          revision={revision.name}
          directory={path}
          tree={tree}
          lastChanges={lastChanges}
        />
      </div>
      {readme !== null && <Readme repository={repository} revision={revision} readme={readme} />}
    </>
  );
}

interface PathBarProps {
  readonly repository: Repository;
  readonly revision: Revision;
  readonly entry: TreeEntry;
  readonly branches: Listed<Branch>;
  readonly page: 'tree' | 'blob';
}

/** The branch, and the path with a link to each directory on the way. */
function PathBar({ repository, revision, entry, branches, page }: PathBarProps): JSX.Element {
  const parts = entry.path === '' ? [] : entry.path.split('/');
  return (
    <div class="repo-bar">
      <BranchPicker
        repository={repository}
        revision={revision}
        branches={branches}
        page={page}
        path={entry.path}
      />
      <h1 class="path">
        <a class="path-link" href={contentPath(repository, 'tree', revision.name)}>
          {repository.name}
        </a>
        {parts.map((part, index) => (
          <span key={parts.slice(0, index + 1).join('/')}>
            <span class="muted"> / </span>
            {index === parts.length - 1 ? (
              part
            ) : (
              <a
                class="path-link"
                href={contentPath(repository, 'tree', revision.name, parts.slice(0, index + 1).join('/'))}
              >
                {part}
              </a>
            )}
          </span>
        ))}
      </h1>
    </div>
  );
}

interface CountsProps {
  readonly repository: Repository;
  readonly branches: number;
  readonly tags: number;
}

function Counts({ repository, branches, tags }: CountsProps): JSX.Element {
  const home = repositoryPath(repository);
  return (
    <ul class="counts">
      <li>
        <a href={`${home}/branches`}>
          <Icon name="git-branch" />
          <Counted count={branches} noun="branch" plural="branches" />
        </a>
      </li>
      <li>
        <a href={`${home}/tags`}>
          <Icon name="tag" />
          <Counted count={tags} noun="tag" />
        </a>
      </li>
    </ul>
  );
}

interface CountedProps {
  readonly count: number;
  readonly noun: string;
  readonly plural?: string;
}

function Counted({ count, noun, plural = `${noun}s` }: CountedProps): JSX.Element {
  const shown = count > MAX_COUNT ? `${MAX_COUNT.toLocaleString('en-US')}+` : count.toLocaleString('en-US');
  return (
    <span>
      <strong>{shown}</strong> {count === 1 ? noun : plural}
    </span>
  );
}
