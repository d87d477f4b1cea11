// The history of a repository: commits, one commit, branches and tags.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { contentPath, repositoryPath } from '../repositories/addresses.ts';
import { findFromPath } from '../repositories/finding.ts';
import { renderRepositoryPage } from '../repositories/frame.tsx';
import { pageNumber } from '../repositories/page-number.ts';
import { Blankslate, Heading, Pagination } from '../web/parts.tsx';
import { BranchPicker, PICKER_BRANCHES } from './branch-picker.tsx';
import { readChanges } from './changes.ts';
import { subjectOf } from './commit-parts.tsx';
import { findCommit, listCommits, readCommits } from './commits.ts';
import { DiffView } from './diff-view.tsx';
import { CommitHeader, CommitList, OlderNewer, OtherRefs, RefList } from './history-view.tsx';
import { findInPath } from './path-finding.ts';
import { findBranch, listBranches, listTags, resolveRevision } from './refs.ts';

const Params = Type.Object({ owner: Type.String(), repo: Type.String() });
const PathParams = Type.Object({ owner: Type.String(), repo: Type.String(), '*': Type.String() });
const CommitParams = Type.Object({ owner: Type.String(), repo: Type.String(), sha: Type.String() });

const PER_PAGE = 35;

/** Bounds of what one page shows of a commit. */
const shownChanges = { maxFiles: 100, maxPatchBytes: 48 * 1024, maxBytes: 512 * 1024 };

export function historyPages(routes: GuardedRoutes, ctx: Context): void {
  const target = findFromPath(ctx);

  routes.route({
    method: 'GET',
    url: '/:owner/:repo/commits',
    action: 'contents.read',
    schema: { params: Params },
    target,
    async handler(call) {
      const { repository } = call.target;
      const { items } = await listBranches(ctx, repository, { page: 1, perPage: 1 });
      const branch = (await findBranch(ctx, repository, repository.defaultBranch)) ?? items[0];
      if (branch !== undefined) {
        return call.reply.redirect(contentPath(repository, 'commits', branch.name), 302);
      }
      return renderRepositoryPage(
        call,
        { tab: 'commits', title: 'Commits' },
        <>
          <Heading>Commits</Heading>
          <Blankslate icon="history" title="There are no commits yet">
            <a href={repositoryPath(repository)}>How to push the first one</a>
          </Blankslate>
        </>,
      );
    },
  });

  routes.route({
    method: 'GET',
    url: '/:owner/:repo/commits/*',
    action: 'contents.read',
    schema: { params: PathParams },
    target,
    async handler(call) {
      const { repository } = call.target;
      const found = await findInPath(ctx, repository, call.params['*']);
      if (found === null) return call.refuse({ because: 'invisible' });
      const { revision, entry } = found;
      const page = pageNumber(call.request.query);
      const [branches, commits] = await Promise.all([
        listBranches(ctx, repository, { page: 1, perPage: PICKER_BRANCHES }),
        listCommits(ctx, repository, revision.sha, { path: entry.path, page, perPage: PER_PAGE }),
      ]);
      const here = contentPath(repository, 'commits', revision.name, entry.path);
      return renderRepositoryPage(
        call,
        { tab: 'commits', title: 'Commits' },
        <>
          <Heading>Commits</Heading>
          <div class="repo-bar">
            <BranchPicker
              repository={repository}
              revision={revision}
              branches={branches}
              page="commits"
              path={entry.path}
            />
            {entry.path !== '' && (
              <span>
                History of{' '}
                <a
                  href={contentPath(
                    repository,
                    entry.type === 'dir' ? 'tree' : 'blob',
                    revision.name,
                    entry.path,
                  )}
                >
                  {entry.path}
                </a>
              </span>
            )}
          </div>
          <CommitList repository={repository} commits={commits.items} />
          <OlderNewer page={page} hasMore={commits.hasMore} href={(at) => `${here}?page=${at}`} />
        </>,
      );
    },
  });

  routes.route({
    method: 'GET',
    url: '/:owner/:repo/commit/:sha',
    action: 'contents.read',
    schema: { params: CommitParams },
    target,
    async handler(call) {
      const { repository } = call.target;
      const revision = await resolveRevision(ctx, repository, call.params.sha);
      const commit = revision === null ? null : await findCommit(ctx, repository, revision.sha);
      if (commit === null) return call.refuse({ because: 'invisible' });
      const changes = await readChanges(ctx, repository, commit, shownChanges);
      return renderRepositoryPage(
        call,
        { tab: 'commits', title: subjectOf(commit) },
        <>
          <CommitHeader repository={repository} commit={commit} />
          <DiffView repository={repository} sha={commit.sha} changes={changes} />
        </>,
      );
    },
  });

  for (const kind of ['branches', 'tags'] as const) {
    routes.route({
      method: 'GET',
      url: `/:owner/:repo/${kind}`,
      action: 'contents.read',
      schema: { params: Params },
      target,
      async handler(call) {
        const { repository } = call.target;
        const page = pageNumber(call.request.query);
        const list = kind === 'branches' ? listBranches : listTags;
        const { items, total } = await list(ctx, repository, { page, perPage: PER_PAGE });
        const commits = await readCommits(
          ctx,
          repository,
          items.map(({ sha }) => sha),
        );
        const title = kind === 'branches' ? 'Branches' : 'Tags';
        const here = `${repositoryPath(repository)}/${kind}`;
        return renderRepositoryPage(
          call,
          { tab: 'branches', title },
          <>
            <Heading actions={<OtherRefs repository={repository} kind={kind} />}>{title}</Heading>
            <RefList repository={repository} kind={kind} refs={items} commits={commits} />
            <Pagination page={page} pages={Math.ceil(total / PER_PAGE)} href={(at) => `${here}?page=${at}`} />
          </>,
        );
      },
    });
  }
}
