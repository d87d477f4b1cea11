// A real browser for tests, from npm: playwright-core drives the headless Chromium of @sparticuz/chromium, which
// brings along the libraries it needs, and so runs on a machine that has none, and as root. With
// LATCHKEY_TEST_BROWSER another Chromium is taken, as on systems for which the package has none.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { expect } from 'vitest';

const require = createRequire(import.meta.url);
const project = join(import.meta.dirname, '..');

export interface TestBrowser {
  readonly browser: Browser;
  /** A browser profile of its own; everything it asks of hosts but this server's fails the test. */
  open(url: string, options?: BrowserContextOptions): Promise<BrowserSession>;
  close(): Promise<void>;
}

export interface BrowserSession {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What went wrong so far that no page may do: requests to elsewhere, script errors, violations of the CSP. */
  readonly faults: readonly string[];
}

export async function launchBrowser(): Promise<TestBrowser> {
  const { executablePath, env } = await findChromium();
  const browser = await chromium.launch({
    executablePath,
    env,
    // Neither a sandbox nor a zygote, since tests run as root and in containers too.
    args: ['--no-sandbox', '--no-zygote', '--disable-gpu', '--font-render-hinting=none'],
  });
  return {
    browser,
    async open(url, options = {}) {
      const context = await browser.newContext({ baseURL: url, locale: 'en-US', ...options });
      await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(url).origin });
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(`script error: ${error.message}`));
      page.on('console', (message) => {
        // A page that is refused or missing is told on the console too; statuses are the tests' own business.
        if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
        faults.push(`console: ${message.text()}`);
      });
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (protocol !== 'data:' && origin !== new URL(url).origin) faults.push(`asks ${request.url()}`);
      });
      return { context, page, faults };
    },
    close: () => browser.close(),
  };
}

/** Fails with every rule of accessibility that the page breaks, each with its elements. */
export async function expectAccessible(page: Page): Promise<void> {
  // Colours in between, as a button fades from one scheme to the other, are nobody's choice.
  await page.evaluate(
    'for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish()',
  );
  // Half a megabyte of script: once a page is enough.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(await axeSource());
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    return (await axe.run({ resultTypes: ['violations'] })).violations;
  });
  const told = found.map(({ id, help, nodes }) => ({
    rule: `${id}: ${help}`,
    at: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary ?? ''}`),
  }));
  expect(told, `accessibility of ${page.url()}`).toEqual([]);
}

/** Fails if the page is wider than its window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const width = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect(width, `${page.url()} is wider than the window by`).toBeLessThanOrEqual(0);
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

async function axeSource(): Promise<string> {
  const { source } = (await import('axe-core')).default;
  return source;
}

async function findChromium(): Promise<{ executablePath: string; env: Record<string, string> }> {
  const own = process.env.LATCHKEY_TEST_BROWSER;
  const path = process.env.PATH ?? '';
  if (own !== undefined && own !== '') return { executablePath: own, env: { PATH: path } };
  const home = await unpackChromium();
  return {
    executablePath: join(home, 'chromium'),
    env: {
      PATH: path,
      HOME: home,
      FONTCONFIG_PATH: join(home, 'fonts'),
      LD_LIBRARY_PATH: join(home, 'al2023', 'lib'),
    },
  };
}

/**
 * Unpacks Chromium, its fonts and libraries, once a version; whole, however many processes do so at once. The
 * package's own way unpacks in place, and its libraries only on one cloud's machines.
 */
async function unpackChromium(): Promise<string> {
  const packed = join(dirname(require.resolve('@sparticuz/chromium')), '..');
  const { version } = require(join(packed, 'package.json')) as { version: string };
  const cache = join(project, 'node_modules', '.cache');
  const home = join(cache, `latchkey-chromium-${version}`);
  if (existsSync(home)) return home;
  await mkdir(cache, { recursive: true });
  const unpacking = await mkdtemp(`${home}-`);
  const archives = ['chromium.br', 'fonts.tar.br', 'al2023.tar.br'].map((name) => join(packed, 'bin', name));
  const script = `import { inflate } from '@sparticuz/chromium';
    for (const archive of ${JSON.stringify(archives)}) await inflate(archive);`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: project,
    env: { TMPDIR: unpacking },
  });
  try {
    await rename(unpacking, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
    await rm(unpacking, { recursive: true });
  }
  return home;
}
