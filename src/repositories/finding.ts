// From the address of a repository's page to the repository.
import type { FindTarget } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { findRepository, type RepositoryFound } from './repositories.ts';

/** Finds the repository of `/:owner/:repo…`. */
export function findFromPath(ctx: Context): FindTarget<RepositoryFound> {
  return (request, actor) => {
    const { owner, repo } = request.params as { owner: string; repo: string };
    return findRepository(ctx, actor, owner, repo);
  };
}
