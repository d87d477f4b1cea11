// The site admins' pages beside those of people and settings: one person, every token, every key.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { listPages } from './list-pages.tsx';
import { personPages } from './person-pages.tsx';

export function administrationPages(routes: GuardedRoutes, ctx: Context): void {
  personPages(routes, ctx);
  listPages(routes, ctx);
}
