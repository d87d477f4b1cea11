// Repositories with some history and their pages, for tests: ann owns them, bob is somebody else.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from '../src/accounts/accounts.ts';
import { contentsPages } from '../src/contents/pages.tsx';
import { hookPages } from '../src/hooks/pages.tsx';
import { importPages } from '../src/imports/pages.tsx';
import { keyPages } from '../src/keys/pages.tsx';
import { organizationPages } from '../src/organizations/pages.tsx';
import { repositoryPages } from '../src/repositories/pages.tsx';
import { createRepository, type Repository } from '../src/repositories/repositories.ts';
import { repositoryDirectory } from '../src/repositories/storage.ts';
import { signingPages } from '../src/signing/pages.tsx';
import { valueIn } from './context.ts';
import { type TestBrowser, type TestPages, testPages } from './pages.ts';

const environment = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
const data = (content: string) => `data ${Buffer.byteLength(content)}\n${content}\n`;
const file = (path: string, content: string) => `M 100644 inline ${path}\n${data(content)}`;
/** One pixel. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function history(): Buffer {
  const commit = (branch: string, message: string, more: string) =>
    `commit refs/heads/${branch}\ncommitter Ann <ann@example.com> 1700000000 +0000\n${data(message)}${more}`;
  return Buffer.concat([
    Buffer.from(
      commit(
        'main',
        'Begin\n\nWith <b>care</b>',
        file('README.md', '# Demo\n\n<script>bad()</script>hello\n'),
      ),
    ),
    Buffer.from(file('src/page.html', '<script>alert(1)</script>\n')),
    Buffer.from(file('src/deep/a.txt', 'one\ntwo <i>\n')),
    Buffer.from(`${file('icon.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>\n')}`),
    Buffer.from(`M 100644 inline logo.png\ndata ${png.length}\n`),
    png,
    Buffer.from(`\n${file('tool.bin', 'a\0b')}${file('big.txt', 'x'.repeat(8_000_000))}`),
    Buffer.from(`${file('100% #?.txt', 'odd\n')}\n`),
    Buffer.from(
      commit('feature/x', 'Change a', `from refs/heads/main\n${file('src/deep/a.txt', 'one\n2\n')}\n`),
    ),
    Buffer.from('done\n'),
  ]);
}

export interface Person {
  readonly account: Account;
  readonly browser: TestBrowser;
}

export interface RepositoryPages {
  readonly pages: TestPages;
  readonly ann: Person;
  readonly bob: Person;
  readonly stranger: TestBrowser;
  /** An empty repository of ann's. */
  make(name: string, visibility: 'public' | 'private'): Promise<Repository>;
  /** One with branches `main` and `feature/x`. */
  filled(name: string, visibility: 'public' | 'private'): Promise<Repository>;
  close(): Promise<void>;
}

export async function openRepositoryPages(): Promise<RepositoryPages> {
  const root = mkdtempSync(join(tmpdir(), 'latchkey-repository-pages-'));
  let stop = async (): Promise<void> => undefined;
  const pages = await testPages({
    config: {
      dataDirectory: root,
      repositoriesDirectory: join(root, 'repositories'),
      trashDirectory: join(root, 'trash'),
    },
    more: (routes, ctx) => {
      repositoryPages(routes, ctx);
      organizationPages(routes, ctx);
      contentsPages(routes, ctx);
      hookPages(routes, ctx);
      keyPages(routes, ctx, [{ kind: 'ED25519', fingerprint: 'SHA256:test' }]);
      signingPages(routes);
      stop = importPages(routes, ctx);
    },
  });
  const ann = await pages.person('ann');
  const make: RepositoryPages['make'] = async (name, visibility) =>
    valueIn(await createRepository(pages.ctx, { owner: ann.account, name, description: null, visibility }));
  return {
    pages,
    ann,
    bob: await pages.person('bob'),
    stranger: pages.browser(),
    make,
    async filled(name, visibility) {
      const repository = await make(name, visibility);
      const directory = repositoryDirectory(pages.ctx.config, repository.id);
      execFileSync('git', ['-C', directory, 'fast-import', '--quiet', '--done'], {
        env: environment,
        input: history(),
      });
      return repository;
    },
    async close() {
      await stop();
      await pages.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
