import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import type { TestBrowser, TestPages } from '../../test/pages.ts';
import { openRepositoryPages, type Person, type RepositoryPages } from '../../test/repository-pages.ts';
import { putCollaborator } from './collaborators.ts';
import { findRepositoryNamed } from './repositories.ts';

describe('the settings of repositories', () => {
  let the: RepositoryPages;
  let pages: TestPages;
  let ann: Person;
  let bob: Person;
  let stranger: TestBrowser;
  let make: RepositoryPages['make'];
  let filled: RepositoryPages['filled'];

  beforeAll(async () => {
    the = await openRepositoryPages();
    ({ pages, ann, bob, stranger, make, filled } = the);
    await filled('demo', 'public');
  });
  afterAll(() => the.close());

  it('change name, description and default branch; the former address leads to the new one', async () => {
    await filled('old-name', 'public');
    const saved = await ann.browser.submit('/ann/old-name/settings', '/ann/old-name/settings', {
      name: 'new-name',
      description: 'A <b> description',
      default_branch: 'feature/x',
    });
    expect([saved.statusCode, saved.headers.location]).toEqual([303, '/ann/new-name/settings']);
    const front = await stranger.get('/ann/new-name');
    expect(front.body).toContain('A &lt;b> description');
    expect(front.body).toContain('Change a');
    const former = await stranger.get('/ann/old-name/tree/main?x=1');
    expect([former.statusCode, former.headers.location]).toEqual([301, '/ann/new-name/tree/main?x=1']);
  });

  it('say what is wrong at its field and keep what was typed', async () => {
    const wrong = await ann.browser.submit('/ann/demo/settings', '/ann/demo/settings', {
      name: 'not a name',
      description: 'kept',
      default_branch: 'nothing',
    });
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toMatch(/id="name" name="name"[^>]*aria-describedby="name-error name-help"[^>]*/);
    expect(wrong.body).toContain('value="not a name"');
    expect(wrong.body).toContain('value="kept"');
    expect(wrong.body).toContain('id="default_branch-error"');
    expect((await stranger.get('/ann/demo')).statusCode).toBe(200);
  });

  it('change visibility', async () => {
    await make('shown', 'private');
    expect((await stranger.get('/ann/shown')).statusCode).toBe(404);
    await ann.browser.submit('/ann/shown/settings', '/ann/shown/settings/visibility', {
      visibility: 'public',
    });
    expect((await stranger.get('/ann/shown')).statusCode).toBe(200);
    await ann.browser.submit('/ann/shown/settings', '/ann/shown/settings/visibility', {
      visibility: 'private',
    });
    expect((await stranger.get('/ann/shown')).statusCode).toBe(404);
  });

  it('invite, change and remove collaborators', async () => {
    await filled('shared', 'private');
    const settings = '/ann/shared/settings';
    const add = (fields: Record<string, string>) =>
      ann.browser.submit(settings, `${settings}/collaborators`, fields);
    expect((await add({ login: 'nobody-here', role: 'read' })).body).toContain(
      'Nobody here has this user name.',
    );
    expect((await add({ login: 'ann', role: 'read' })).statusCode).toBe(422);
    expect((await add({ login: 'BOB', role: 'owner' })).statusCode).toBe(422);
    expect((await bob.browser.get('/ann/shared')).statusCode).toBe(404);
    expect((await add({ login: 'BOB', role: 'read' })).statusCode).toBe(303);
    expect((await bob.browser.get('/ann/shared')).statusCode).toBe(404);
    expect((await bob.browser.get('/')).body).toContain('You have an invitation to answer');
    expect((await bob.browser.get('/ann/shared/invitations')).headers.location).toBe('/invitations');
    const accept = async () => {
      const page = await bob.browser.get('/invitations');
      const action = /action="(\/invitations\/\d+\/accept)"/.exec(page.body)?.[1] ?? '';
      return bob.browser.submit('/invitations', action, {});
    };
    await ann.browser.submit(settings, `${settings}/invitations/cancel`, { invitation: '1' });
    expect((await bob.browser.get('/invitations')).body).toContain('Nobody waits for an answer of yours');
    await add({ login: 'BOB', role: 'read' });
    expect((await accept()).headers.location).toBe('/ann/shared');
    expect((await bob.browser.get('/ann/shared')).statusCode).toBe(200);
    expect((await add({ login: 'BOB', role: 'write' })).statusCode).toBe(303);
    expect((await ann.browser.get(settings)).body).toContain('bob has this role now: write.');
    expect((await bob.browser.get(settings)).statusCode).toBe(403);
    expect((await bob.browser.get('/')).body).toContain('ann/shared');
    await ann.browser.submit(settings, `${settings}/collaborators/remove`, { login: 'bob' });
    expect((await bob.browser.get('/ann/shared')).statusCode).toBe(404);
  });

  it('delete only when its name was typed', async () => {
    await make('doomed', 'public');
    const remove = (confirmation: string) =>
      ann.browser.submit('/ann/doomed/settings', '/ann/doomed/settings/delete', { confirmation });
    const wrong = await remove('doomed');
    expect(wrong.statusCode).toBe(422);
    expect(wrong.body).toContain('value="doomed"');
    expect(wrong.body).toContain('Type ann/doomed to confirm.');
    expect(await findRepositoryNamed(pages.ctx, 'ann', 'doomed')).not.toBeNull();
    expect((await remove('Ann/doomed')).headers.location).toBe('/');
    expect((await ann.browser.get('/')).body).toContain('Deleted ann/doomed.');
    expect((await ann.browser.get('/ann/doomed')).statusCode).toBe(404);
  });

  it('are for admins alone', async () => {
    const repository = await make('guarded', 'public');
    valueIn(await putCollaborator(pages.ctx, repository, bob.account.id, 'write'));
    const settings = '/ann/guarded/settings';
    expect((await stranger.get(settings)).headers.location).toBe(
      `/login?return_to=${encodeURIComponent(settings)}`,
    );
    const writes: [string, Record<string, string>][] = [
      ['', { name: 'taken-over' }],
      ['/visibility', { visibility: 'private' }],
      ['/collaborators', { login: 'bob', role: 'admin' }],
      ['/collaborators/remove', { login: 'ann' }],
      ['/invitations/cancel', { invitation: '1' }],
      ['/teams', { team: 'core', role: 'admin' }],
      ['/transfer', { new_owner: 'bob', transfer_confirmation: 'ann/guarded' }],
      ['/delete', { confirmation: 'ann/guarded' }],
    ];
    for (const [path, fields] of writes) {
      expect((await bob.browser.forge('/new', settings + path, fields)).statusCode).toBe(403);
      // A form without the token of the browser is nobody's.
      expect((await ann.browser.post(settings + path, fields)).statusCode).toBe(422);
    }
    expect((await stranger.get('/ann/guarded')).statusCode).toBe(200);
  });
});
