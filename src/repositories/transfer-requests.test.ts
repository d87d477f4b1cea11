// Giving a repository to another person, on the pages: they are asked, and have a day.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { openRepositoryPages, type RepositoryPages } from '../../test/repository-pages.ts';
import { suspendAccount } from '../accounts/accounts.ts';
import { latchkey } from '../context.ts';
import { putCollaborator, removeCollaborator } from './collaborators.ts';
import type { Repository } from './repositories.ts';
import { endUnanswered } from './transfer-requests.ts';

let the: RepositoryPages;
let made = 0;
beforeAll(async () => {
  the = await openRepositoryPages();
});
afterAll(() => the.close());

const settingsOf = (name: string) => `/ann/${name}/settings`;

const offer = (name: string, to: string) =>
  the.ann.browser.submit(settingsOf(name), `${settingsOf(name)}/transfer`, {
    new_owner: to,
    transfer_confirmation: `ann/${name}`,
  });

async function offered(to = 'bob'): Promise<Repository> {
  const repository = await the.make(`boat${++made}`, 'private');
  const sent = await offer(repository.name, to);
  expect([sent.statusCode, sent.headers.location]).toEqual([303, settingsOf(repository.name)]);
  return repository;
}

/** Presses the button that is there for the repository. */
async function answer(repository: Repository, button: 'Accept' | 'Decline', browser = the.bob.browser) {
  const page = (await browser.get('/invitations')).body;
  const form = page
    .split('<form')
    .find((part) => part.includes(`${button} the transfer of ann/${repository.name}`));
  const address = /action="([^"]+)"/.exec(form ?? '')?.[1];
  if (address === undefined) return null;
  return browser.submit('/invitations', address, {});
}

const logged = async (id: number) => {
  const rows = await the.pages.ctx.db
    .selectFrom('audit_events')
    .select(['action', 'actor_login', 'user_login'])
    .where('repository_id', '=', id)
    .where('action', 'like', 'repo.transfer%')
    .orderBy('id')
    .execute();
  return rows.map((row) => Object.values(row).join(' '));
};

it('A person who is asked to take a repository accepts it, and its address leads to the new one', async () => {
  const repository = await offered();
  const path = `/ann/${repository.name}`;
  expect((await the.bob.browser.get(path)).statusCode).toBe(404);
  expect((await the.ann.browser.get(settingsOf(repository.name))).body).toContain('bob was asked to take it');
  expect((await the.bob.browser.get('/')).body).toContain('to answer');
  const accepted = await answer(repository, 'Accept');
  expect(accepted?.headers.location).toBe(`/bob/${repository.name}`);
  expect((await the.bob.browser.get(`/bob/${repository.name}/settings`)).statusCode).toBe(200);
  expect((await the.ann.browser.get(path)).headers.location).toBe(`/bob/${repository.name}`);
  expect(await logged(repository.id)).toEqual([
    'repo.transfer_start ann bob',
    'repo.transfer_outgoing bob ann',
    'repo.transfer bob bob',
  ]);
  expect((await the.ann.browser.get('/settings/notices')).body).toContain(
    `bob took ann/${repository.name}, and owns it now`,
  );
});

it('A person who declines it is not asked any more, and it stays where it is', async () => {
  const repository = await offered();
  expect((await answer(repository, 'Decline'))?.headers.location).toBe('/invitations');
  expect((await the.ann.browser.get(`/ann/${repository.name}`)).statusCode).toBe(200);
  expect(await answer(repository, 'Accept')).toBeNull();
  expect(await logged(repository.id)).toEqual([
    'repo.transfer_start ann bob',
    'repo.transfer_decline bob ann',
  ]);
});

it('Nobody but the person who was asked answers', async () => {
  const repository = await offered();
  const page = (await the.bob.browser.get('/invitations')).body;
  const address = /action="(\/invitations\/transfers\/\d+)\/accept"/.exec(page)?.[1] ?? '';
  const other = await the.pages.person('eve');
  for (const { browser } of [other, the.ann]) {
    await browser.forge('/new', `${address}/accept`, {});
    expect((await browser.forge('/new', `${address}/decline`, {})).statusCode).toBe(404);
  }
  expect((await the.ann.browser.get(`/ann/${repository.name}`)).statusCode).toBe(200);
  expect((await answer(repository, 'Accept'))?.headers.location).toBe(`/bob/${repository.name}`);
});

it('Who asked takes it back, or asks somebody else instead', async () => {
  const repository = await offered();
  const settings = settingsOf(repository.name);
  const cancelled = await the.ann.browser.submit(settings, `${settings}/transfer/cancel`, {});
  expect(cancelled.headers.location).toBe(settings);
  expect(await answer(repository, 'Accept')).toBeNull();
  expect((await logged(repository.id)).at(-1)).toBe('repo.transfer_cancel ann bob');
  const cyd = await the.pages.person('cyd');
  await offer(repository.name, 'bob');
  const again = await the.ann.browser.forge(settings, `${settings}/transfer`, {
    new_owner: 'cyd',
    transfer_confirmation: `ann/${repository.name}`,
  });
  expect(again.statusCode).toBe(303);
  expect(await answer(repository, 'Accept')).toBeNull();
  expect((await answer(repository, 'Accept', cyd.browser))?.headers.location).toBe(`/cyd/${repository.name}`);
});

it('A request ends after a day, and who asked is told', async () => {
  const repository = await offered();
  const { clock } = the.pages.ctx;
  clock.forward(24 * 60 * 60_000 - 1);
  const cleanUp = () => endUnanswered({ ...the.pages.ctx, by: latchkey });
  const bob = await the.pages.signIn(the.bob.account);
  await cleanUp();
  expect((await bob.get('/invitations')).body).toContain(repository.name);
  clock.forward(1);
  expect((await bob.get('/invitations')).body).not.toContain(repository.name);
  await cleanUp();
  await cleanUp();
  expect(await logged(repository.id)).toEqual(['repo.transfer_start ann bob', 'repo.transfer_expire  bob']);
  const ann = await the.pages.signIn(the.ann.account);
  expect((await ann.get('/settings/notices')).body).toContain('bob did not answer within a day');
});

it('A request does not hold when who sent it is no admin any more, nor where the name is taken', async () => {
  const { ctx } = the.pages;
  const [ann, bob] = [await the.pages.signIn(the.ann.account), await the.pages.signIn(the.bob.account)];
  const repository = await the.make('ferry', 'private');
  const { account: dan, browser: dans } = await the.pages.person('dan');
  valueIn(await putCollaborator(ctx, repository, dan.id, 'admin'));
  const fields = { new_owner: 'bob', transfer_confirmation: 'ann/ferry' };
  expect((await dans.submit('/ann/ferry/settings', '/ann/ferry/settings/transfer', fields)).statusCode).toBe(
    303,
  );
  await removeCollaborator(ctx, repository.id, dan.id);
  expect((await answer(repository, 'Accept', bob))?.headers.location).toBe('/invitations');
  expect((await bob.get('/invitations')).body).toContain('does not hold any more');
  await ann.submit('/ann/ferry/settings', '/ann/ferry/settings/transfer/cancel', {});
  await bob.submit('/new', '/new', { name: 'ferry', description: '', visibility: 'private' });
  // That bob has one of this name is not told before bob himself comes to it.
  expect((await ann.submit('/ann/ferry/settings', '/ann/ferry/settings/transfer', fields)).statusCode).toBe(
    303,
  );
  expect((await answer(repository, 'Accept', bob))?.headers.location).toBe('/invitations');
  expect((await bob.get('/invitations')).body).toContain('already has a repository of this name');
});

it('Nobody is asked who is not there, is suspended, or owns it already', async () => {
  const { account } = await the.pages.person('gone');
  valueIn(await suspendAccount(the.pages.ctx, account.id));
  const ann = await the.pages.signIn(the.ann.account);
  const repository = await the.make('raft', 'private');
  for (const to of ['nobody', 'gone', 'ann', '']) {
    const at = settingsOf(repository.name);
    const fields = { new_owner: to, transfer_confirmation: 'ann/raft' };
    const refused = await ann.submit(at, `${at}/transfer`, fields);
    expect([to, refused.statusCode, refused.body.includes('id="new_owner-error"')]).toEqual([to, 422, true]);
  }
});
