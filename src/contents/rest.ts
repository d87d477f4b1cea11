// What is in repositories, through the API: history, files and the git database.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { repositoryRoutes } from '../repositories/api-addresses.ts';
import { filesRest } from './files-rest.ts';
import { gitDataRest } from './git-data-rest.ts';
import { historyRest } from './history-rest.ts';

export function contentsRest(routes: GuardedRoutes, ctx: Context): void {
  const below = repositoryRoutes(routes, ctx);
  historyRest(below, ctx);
  filesRest(below, ctx);
  gitDataRest(below, ctx);
}
