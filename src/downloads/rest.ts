// Archives through the API: it leads to where they are (ghes-spec 10, URL forms: codeload).

import type { GuardedRoutes } from '../access/guard.ts';
import { ApiError } from '../api/errors.ts';
import { restOfPath } from '../api/parameters.ts';
import { resolveRevision } from '../contents/refs.ts';
import type { Context } from '../context.ts';
import type { ArchiveFormat } from '../git/archive.ts';
import { repositoryPath } from '../repositories/addresses.ts';
import { type RepositoryCall, repositoryRoutes } from '../repositories/api-addresses.ts';
import { createPasses } from './passes.ts';

export function downloadsRest(routes: GuardedRoutes, ctx: Context): void {
  const passes = createPasses(ctx);
  const below = repositoryRoutes(routes, ctx);
  const lead = (format: ArchiveFormat) => async (call: RepositoryCall) => {
    const { actor, reply, request, target } = call;
    const { repository } = target;
    const asked = restOfPath(request);
    const ref = asked === '' ? `refs/heads/${repository.defaultBranch}` : asked;
    const revision = await resolveRevision(ctx, repository, ref);
    if (revision === null) throw new ApiError('not-found');
    const { sha: commit } = revision;
    const address = `${ctx.config.url}/codeload${repositoryPath(repository)}/legacy.${format}/${commit}`;
    const isForAll = repository.visibility === 'public' && !ctx.config.privateMode;
    const pass = isForAll
      ? null
      : await passes.issue(actor, { repositoryId: target.repositoryId, commit, format });
    return reply
      .code(302)
      .header('location', pass === null ? address : `${address}?token=${pass}`)
      .send();
  };
  for (const [name, format] of [
    ['tarball', 'tar.gz'],
    ['zipball', 'zip'],
  ] as const) {
    for (const end of ['', '/*']) {
      below.route({
        method: 'GET',
        below: `/${name}${end}`,
        action: 'contents.read',
        handler: lead(format),
      });
    }
  }
}
