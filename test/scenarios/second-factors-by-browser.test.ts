// Second factors and sudo mode, as a person with a real browser lives them: its own authenticator, and a clock that is
// moved, so that two hours pass at once. The pages are the real ones, served over a real connection.
import { mkdir } from 'node:fs/promises';
import { generateSync } from 'otplib';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SUDO_MS } from '../../src/accounts/sessions.ts';
import { loadAssets } from '../../src/web/assets.ts';
import { password, type ServedPages, servePages } from '../account-pages.ts';
import {
  type BrowserSession,
  expectAccessible,
  expectNoSidewaysScroll,
  launchBrowser,
  type TestBrowser,
} from '../browser.ts';

let browsers: TestBrowser;
beforeAll(async () => {
  browsers = await launchBrowser();
});
afterAll(() => browsers.close());

let pages: ServedPages;
let session: BrowserSession;
let page: Page;
let devices: CDPSession;
beforeEach(async () => {
  pages = await servePages({ url: (port) => `http://localhost:${port}`, assets: loadAssets() });
  await pages.person('mona');
  session = await browsers.open(pages.ctx.config.url);
  page = session.page;
  devices = await session.context.newCDPSession(page);
  await devices.send('WebAuthn.enable');
  return async () => {
    await session.context.close();
    await pages.close();
  };
});

/** Plugs a device in. @param verifies does it check its owner, as a passkey must? */
async function plugIn(verifies: boolean): Promise<string> {
  const { authenticatorId } = await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: verifies ? 'internal' : 'usb',
      hasResidentKey: verifies,
      hasUserVerification: verifies,
      isUserVerified: verifies,
      automaticPresenceSimulation: true,
    },
  });
  return authenticatorId;
}
const unplug = (authenticatorId: string) =>
  devices.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });

const click = (role: 'button' | 'link', name: string) => page.getByRole(role, { name, exact: true }).click();
const heading = async (name: string): Promise<void> => {
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
};

const signedIn = () => page.getByRole('button', { name: 'Open user menu' }).waitFor();

async function signIn(): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Username or email address').fill('mona');
  await page.getByLabel('Password').fill(password);
  await click('button', 'Sign in');
}

async function signOut(): Promise<void> {
  await click('button', 'Open user menu');
  await click('button', 'Sign out');
  await heading('Sign in to Latchkey');
}

/** Every page on the way is for everyone: in light and dark, and on a small screen. */
async function look(name: string): Promise<void> {
  const size = page.viewportSize() ?? { width: 1280, height: 720 };
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 320, height: 640 });
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(size);
  const folder = process.env.LATCHKEY_SCREENSHOTS;
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: null });
}

async function addKey(kind: 'passkey' | 'security key', name: string): Promise<void> {
  await page.goto('/settings/security');
  await click('link', `Add a ${kind}`);
  await page.getByLabel('Name').fill(name);
  await look(`add-${kind.replace(' ', '-')}`);
  await click('button', `Add ${kind}`);
  await page.getByText(name).first().waitFor();
}

/** Sets the app up, from what the page shows; tells what the app shows. */
async function setUpApp(): Promise<() => string> {
  await page.goto('/settings/security');
  await click('link', 'Set up authenticator app');
  expect(await page.getByRole('img', { name: 'QR code for the authenticator app' }).isVisible()).toBe(true);
  const secret = (await page.locator('#app-key').textContent())?.replaceAll(' ', '') ?? '';
  const code = () => generateSync({ secret, epoch: Math.floor(pages.ctx.now() / 1000) });
  await look('app');
  await page.getByLabel('Authentication code').fill(code());
  await click('button', 'Turn on');
  pages.ctx.clock.forward(30_000);
  return code;
}

describe('A person', () => {
  it('passes sudo mode by password, and is asked again after two hours', async () => {
    await signIn();
    for (let times = 0; times < 2; times++) {
      pages.ctx.clock.forward(SUDO_MS);
      await page.goto('/settings/tokens/new?description=laptop');
      await heading('Confirm access');
      await look('confirm-password');
      await page.getByLabel('Password').fill(password);
      await click('button', 'Confirm');
      await heading('New personal access token');
      expect(await page.getByLabel('Note').inputValue()).toBe('laptop');
    }
    // What was typed is not lost when the two hours end meanwhile: it goes on by itself.
    pages.ctx.clock.forward(SUDO_MS);
    await page.getByRole('checkbox', { name: 'gist', exact: true }).check();
    await click('button', 'Generate token');
    await page.getByLabel('Password').fill(password);
    await click('button', 'Confirm');
    await page.getByText(/^ghp_\w{36}$/).waitFor();
    expect(session.faults).toEqual([]);
  });

  it('makes a passkey, signs in by it alone, and passes sudo mode by it', async () => {
    await plugIn(true);
    await signIn();
    await addKey('passkey', 'Laptop');
    await page.getByText('Keep these recovery codes now').waitFor();
    await look('recovery-codes');
    expect((await page.locator('#recovery-codes').textContent())?.trim().split('\n')).toHaveLength(10);
    await page.goto('/settings/security');
    await look('security');
    expect(await page.content()).not.toContain('recovery codes now');

    await signOut();
    await look('sign-in');
    await page.goto('/login?return_to=/settings/sessions');
    await click('button', 'Sign in with a passkey');
    await heading('Sessions');
    await page.getByText('By passkey').waitFor();
    await look('sessions');

    pages.ctx.clock.forward(SUDO_MS);
    await page.goto('/settings/tokens/new');
    await heading('Confirm access');
    expect(await page.getByLabel('Password').count()).toBe(0);
    await look('confirm-passkey');
    await click('button', 'Use a passkey or security key');
    await heading('New personal access token');

    // The password alone does not do any more.
    await signOut();
    await signIn();
    await heading('Two-factor authentication');
    await look('two-factor');
    await click('button', 'Use a passkey or security key');
    await signedIn();
    expect(session.faults).toEqual([]);
  });

  it('sets an authenticator app up, signs in by it, and passes sudo mode by it', async () => {
    await signIn();
    const code = await setUpApp();
    await page.getByText('Keep these recovery codes now').waitFor();
    const [recovery = ''] = ((await page.locator('#recovery-codes').textContent()) ?? '').trim().split('\n');
    await click('button', 'Copy recovery codes');
    await page.getByText('Copied!').waitFor({ state: 'attached' });
    expect(String(await page.evaluate('navigator.clipboard.readText()'))).toContain(recovery);
    const downloading = page.waitForEvent('download');
    await click('link', 'Download');
    expect((await downloading).suggestedFilename()).toBe('latchkey-recovery-codes.txt');

    await signOut();
    await signIn();
    await page.getByLabel('Authentication code').fill(code());
    await click('button', 'Verify');
    await signedIn();
    pages.ctx.clock.forward(SUDO_MS);
    await page.goto('/settings/tokens/new');
    await heading('Confirm access');
    await page.getByLabel('Authentication code').fill(code());
    await click('button', 'Confirm');
    await heading('New personal access token');

    // The phone is lost.
    await signOut();
    await signIn();
    await click('link', 'Use a recovery code');
    await look('recovery');
    await page.getByLabel('Recovery code').fill(recovery);
    await click('button', 'Verify');
    await signedIn();
    await page.goto('/settings/security');
    await page.getByText('9 of 10 left').waitFor();
    await click('button', 'Remove');
    await page.getByRole('dialog').waitFor();
    await look('remove');
    await click('button', 'I understand, remove it');
    await page.getByText('The authenticator app is removed.').waitFor();
    await signOut();
    await signIn();
    await signedIn();
    expect(session.faults).toEqual([]);
  });

  it('has a security key beside the app, which is no passkey; without it, a sentence says so', async () => {
    await signIn();
    const key = await plugIn(false);
    await addKey('security key', 'Key ring');
    await setUpApp();
    await page.goto('/settings/security');
    await click('link', 'Rename');
    await page.getByLabel('Name').fill('Bunch');
    await click('button', 'Save');
    await page.getByText('“Key ring” is called “Bunch” now.').waitFor();
    await signOut();
    await signIn();
    await click('button', 'Use a passkey or security key');
    await signedIn();
    await signOut();
    await signIn();
    await unplug(key);
    await plugIn(true);
    await page.goto('/login');
    await click('button', 'Sign in with a passkey');
    await page.getByText('there is no fitting key on this device').waitFor();
    expect(session.faults).toEqual([]);
  });
});
