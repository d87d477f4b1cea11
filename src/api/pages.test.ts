import { expect, it } from 'vitest';
import { testPages } from '../../test/pages.ts';
import { apiErrors } from './errors.ts';
import { documentationPages } from './pages.tsx';

it('explains every error and every operation where the documentation_url leads', async () => {
  const operations = [
    { method: 'GET', path: '/repos/{owner}/{repo}', action: 'repositories.read' },
    { method: 'GET', path: '/repositories/{id}', action: 'repositories.read' },
  ] as const;
  const pages = await testPages({ more: (routes) => documentationPages(routes, operations) });
  const page = await pages.browser().get('/docs/rest');
  expect(page.statusCode).toBe(200);
  for (const name of [...Object.keys(apiErrors), 'moved']) expect(page.body).toContain(`id="${name}"`);
  expect(page.body).toContain('GET /repos/{owner}/{repo}');
  expect(page.body).not.toContain('GET /repositories/{id}<');
  await pages.close();
});
