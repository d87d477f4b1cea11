// Archives for people: what "Download ZIP" on a repository's page leads to.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import { resolveRevision } from '../contents/refs.ts';
import type { Context } from '../context.ts';
import type { Operations } from '../git/operation.ts';
import { findFromPath } from '../repositories/finding.ts';
import { answerArchive, archiveFormats, folderOfRevision } from './archives.ts';

const Params = Type.Object({ owner: Type.String(), repo: Type.String(), '*': Type.String() });

export function downloadPages(routes: GuardedRoutes, ctx: Context, operations: Operations): void {
  routes.route({
    method: 'GET',
    url: '/:owner/:repo/archive/*',
    action: 'contents.read',
    schema: { params: Params },
    target: findFromPath(ctx),
    async handler(call) {
      const { repository } = call.target;
      const file = call.params['*'];
      const format = archiveFormats.find((known) => file.endsWith(`.${known}`));
      const revision =
        format === undefined
          ? null
          : await resolveRevision(ctx, repository, file.slice(0, -format.length - 1));
      if (format === undefined || revision === null) return call.refuse({ because: 'invisible' });
      const folder = folderOfRevision(repository, revision);
      return answerArchive(ctx, operations, call, { commit: revision.sha, format, folder, vary: 'Cookie' });
    },
  });
}
