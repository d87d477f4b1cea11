// What is in repositories, on pages: files, README, history, and files as they are.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { codePages } from './code-pages.tsx';
import { historyPages } from './history-pages.tsx';
import { rawPages } from './raw-pages.ts';
import { createMarkdownRenderer } from './readme.ts';

export function contentsPages(routes: GuardedRoutes, ctx: Context): void {
  codePages(routes, ctx, createMarkdownRenderer({ now: ctx.now }));
  rawPages(routes, ctx);
  historyPages(routes, ctx);
}
