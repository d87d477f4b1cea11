// What is in repositories, through the API: history, files and the git database.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import type { Operations } from '../git/operation.ts';
import { repositoryRoutes } from '../repositories/api-addresses.ts';
import { filesRest } from './files-rest.ts';
import { filesWriteRest } from './files-write-rest.ts';
import { gitDataRest } from './git-data-rest.ts';
import { gitDataWriteRest } from './git-data-write-rest.ts';
import { historyRest } from './history-rest.ts';

/** @param operations what runs git for pushes, of which each change of a ref is one */
export function contentsRest(routes: GuardedRoutes, ctx: Context, operations: Operations): void {
  const below = repositoryRoutes(routes, ctx);
  historyRest(below, ctx);
  filesRest(below, ctx);
  filesWriteRest(below, ctx, operations);
  gitDataRest(below, ctx);
  gitDataWriteRest(below, ctx, operations);
}
