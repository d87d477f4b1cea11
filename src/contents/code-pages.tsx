// A repository's front page, its directories and its files.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { contentPath } from '../repositories/addresses.ts';
import { CloneUrl, DownloadLink, EmptyRepository, TokenHint } from '../repositories/clone-box.tsx';
import { findFromPath } from '../repositories/finding.ts';
import { renderRepositoryPage } from '../repositories/frame.tsx';
import { Notice } from '../web/parts.tsx';
import { BlobView, readBlobView } from './blob-view.tsx';
import { BranchPicker, PICKER_BRANCHES } from './branch-picker.tsx';
import { LatestCommit } from './commit-parts.tsx';
import { listCommits } from './commits.ts';
import { createDirectories } from './directory.ts';
import { Counts, DirectoryView, MAX_COUNT, PathBar } from './directory-view.tsx';
import { findInPath } from './path-finding.ts';
import type { MarkdownRenderer } from './readme.ts';
import { readReadme } from './readme-view.tsx';
import { findBranch, listBranches, listTags, type Revision } from './refs.ts';

const Params = Type.Object({ owner: Type.String(), repo: Type.String() });
const PathParams = Type.Object({ owner: Type.String(), repo: Type.String(), '*': Type.String() });

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
            <TokenHint repository={repository} />
            <DownloadLink repository={repository} branch={branch.name} />
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
