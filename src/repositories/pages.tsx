// All web pages of repositories, and those on which people arrive.
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { codePages } from './code-pages.tsx';
import { createPages } from './create-pages.tsx';
import { historyPages } from './history-pages.tsx';
import { homePages } from './home-pages.tsx';
import { createImportJobs } from './import-jobs.ts';
import { importPages } from './import-pages.tsx';
import { rawPages } from './raw-pages.ts';
import { createMarkdownRenderer } from './readme.ts';
import { repositorySettingsPages } from './settings-pages.tsx';

/** @returns what ends the work that these pages began, when the server stops */
export function repositoryPages(routes: GuardedRoutes, ctx: Context): () => Promise<void> {
  const imports = createImportJobs(ctx);
  homePages(routes, ctx);
  createPages(routes, ctx);
  importPages(routes, imports);
  codePages(routes, ctx, createMarkdownRenderer({ now: ctx.now }));
  rawPages(routes, ctx);
  historyPages(routes, ctx);
  repositorySettingsPages(routes, ctx);
  return imports.close;
}
