import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { valueIn } from '../../test/context.ts';
import type { Account } from '../accounts/accounts.ts';
import { createRepository } from '../repositories/repositories.ts';
import type { Scopes } from '../scopes/scopes.ts';
import { clientName, networkName } from './clients.ts';
import { createToken, deleteToken, type Token } from './tokens.ts';
import { createUseCounter, enoughFor, forgetOldUses, rememberCounting, usesOf } from './uses.ts';

const DAY = 24 * 60 * 60_000;

let api: TestApi;
let ada: Account;
beforeAll(async () => {
  api = await startApi();
  ada = await api.person('ada');
  await rememberCounting(api.ctx);
  for (const visibility of ['public', 'private'] as const) {
    const wanted = { owner: ada, name: visibility, description: null, visibility };
    valueIn(await createRepository(api.ctx, wanted));
  }
});
afterAll(() => api.close());

let notes = 0;
async function make(scopes: Scopes): Promise<{ readonly token: Token; readonly text: string }> {
  const request = { accountId: ada.id, note: `note ${++notes}`, scopes, expiresAt: null };
  const { token, secret } = valueIn(await createToken(api.ctx, request));
  return { token, text: secret.expose() };
}

const counted = async (token: Token) => {
  await api.uses.flush();
  const uses = await usesOf(api.ctx, token);
  const asObject = (list: typeof uses.scopes) =>
    Object.fromEntries(list.map(({ name, uses: count }) => [name, count]));
  return {
    scopes: asObject(uses.scopes),
    addresses: asObject(uses.addresses),
    clients: asObject(uses.clients),
    enough: enoughFor(uses, token.scopes),
  };
};

describe('the uses of a token', () => {
  it('are the scopes that were needed, not those that it has', async () => {
    const { token, text } = await make(['repo', 'user']);
    expect(await counted(token)).toMatchObject({ scopes: {}, enough: null });
    await api.get('/repos/ada/public', text);
    expect(await counted(token)).toMatchObject({ scopes: { '': 1 }, enough: [] });
    await api.call('PATCH', '/repos/ada/public', { token: text, body: { description: 'x' } });
    expect(await counted(token)).toMatchObject({
      scopes: { '': 1, public_repo: 1 },
      enough: ['public_repo'],
    });
    await api.get('/repos/ada/private', text);
    await api.get('/user/emails', text);
    expect(await counted(token)).toMatchObject({
      scopes: { '': 1, public_repo: 1, repo: 1, 'user:email': 1 },
      enough: ['repo', 'user:email'],
    });
  });

  it('count what a list or an answer showed by a scope', async () => {
    const { token, text } = await make(['repo', 'user']);
    await api.get('/user/repos?visibility=public', text);
    expect((await counted(token)).enough).toEqual([]);
    await api.get('/user/repos', text);
    expect((await counted(token)).enough).toEqual(['repo']);
    await api.get('/user', text);
    expect((await counted(token)).enough).toEqual(['read:user', 'repo', 'user:email']);
  });

  it('count workflow where what is written is not looked through for workflow files', async () => {
    const write = async (scopes: Scopes) => {
      const { token, text } = await make(scopes);
      const body = { message: 'Write', content: btoa(token.note) };
      const path = `/repos/ada/private/contents/${token.id}.txt`;
      expect((await api.call('PUT', path, { token: text, body })).statusCode).toBe(201);
      return (await counted(token)).enough;
    };
    expect(await write(['repo'])).toEqual(['repo']);
    expect(await write(['repo', 'workflow'])).toEqual(['repo', 'workflow']);
  });

  it('leave out what was refused, and other credentials', async () => {
    const { token, text } = await make(['gist']);
    expect((await api.get('/repos/ada/private', text)).statusCode).toBe(404);
    expect((await api.get('/user/emails', text)).statusCode).toBe(404);
    expect((await api.get('/meta')).statusCode).toBe(200);
    expect(await counted(token)).toEqual({ scopes: {}, addresses: {}, clients: {}, enough: null });
  });

  it('tell programs and networks, each request once', async () => {
    const { token, text } = await make(['repo', 'user']);
    const from = (remoteAddress: string, userAgent: string) =>
      api.request({
        method: 'GET',
        url: '/api/v3/user',
        remoteAddress,
        headers: { authorization: `Bearer ${text}`, 'user-agent': userAgent },
      });
    await from('192.0.2.7', 'curl/8.5.0');
    await from('::ffff:192.0.2.7', 'curl/8.6.0');
    await from('2001:db8:1:2:aaaa:bbbb:cccc:dddd', 'octokit-core.js/5.0.0 Node.js/26');
    await from('2001:db8:1:2::1', 'GitHub CLI 2.40.1');
    expect(await counted(token)).toMatchObject({
      addresses: { '192.0.2.7': 2, '2001:db8:1:2::/64': 2 },
      clients: { curl: 2, 'octokit.js': 1, gh: 1 },
      scopes: { '': 4, 'read:user': 4, 'user:email': 4 },
    });
  });

  it('are named for the latest fifty networks and programs; the others are one counter', async () => {
    const { token } = await make([]);
    const use = (at: number, userAgent = 'curl/8') =>
      api.uses.used({
        tokenId: token.id,
        scopes: [],
        first: true,
        address: `10.0.${at >> 8}.${at & 255}`,
        userAgent,
      });
    for (let at = 0; at < 200; at++) {
      use(at, `client-${at}/1.0`);
      if (at % 20 === 19) {
        await api.uses.flush();
        api.ctx.clock.forward(1000);
      }
    }
    const { addresses, clients } = await counted(token);
    expect(Object.keys(addresses)).toHaveLength(51);
    expect(Object.keys(clients)).toHaveLength(51);
    expect(addresses).toMatchObject({ '10.0.0.199': 1, '10.0.0.160': 1, others: 150 });
    expect(Object.values(clients).reduce((sum, uses) => sum + uses)).toBe(200);
    // In one go, too.
    for (let at = 1000; at < 4000; at++) use(at);
    const many = (await counted(token)).addresses;
    expect(Object.keys(many).length).toBeLessThanOrEqual(51);
    expect(Object.values(many).reduce((sum, uses) => sum + uses)).toBe(3200);
  });

  it('are forgotten after ninety days, one period after the other', async () => {
    const { token, text } = await make(['repo', 'user']);
    await api.get('/repos/ada/private', text);
    await api.uses.flush();
    api.ctx.clock.forward(60 * DAY);
    await api.get('/user/emails', text);
    expect((await counted(token)).enough).toEqual(['repo', 'user:email']);
    api.ctx.clock.forward(31 * DAY);
    expect((await counted(token)).enough).toEqual(['user:email']);
    await forgetOldUses(api.ctx);
    const rows = await api.ctx.db
      .selectFrom('token_uses')
      .select('value')
      .where('token_id', '=', token.id)
      .where('kind', '=', 'scope')
      .execute();
    expect(rows).toEqual([{ value: 'user:email' }]);
    expect((await usesOf(api.ctx, token)).since).toBe(api.ctx.now() - 90 * DAY);
  });

  it('leave with the token, also those that were not written yet', async () => {
    const { token, text } = await make(['repo']);
    await api.get('/repos/ada/private', text);
    await api.uses.flush();
    await api.get('/repos/ada/private', text);
    await deleteToken(api.ctx, ada.id, token.id);
    expect(await counted(token)).toMatchObject({ scopes: {} });
  });

  it('add up what several servers counted', async () => {
    const { token } = await make(['repo']);
    const servers = [createUseCounter(api.ctx), createUseCounter(api.ctx)];
    for (const server of servers) {
      server.used({
        tokenId: token.id,
        scopes: ['repo'],
        first: true,
        address: '10.0.0.1',
        userAgent: 'curl/8',
      });
    }
    await Promise.all(servers.map((server) => server.flush()));
    expect(await counted(token)).toMatchObject({ scopes: { repo: 2 }, addresses: { '10.0.0.1': 2 } });
  });

  it('do not tell of a scope that the token has lost since', () => {
    const counter = { uses: 1, lastUsedAt: 0 };
    const uses = {
      since: 0,
      scopes: [
        { name: 'repo', ...counter },
        { name: 'gist', ...counter },
      ],
      addresses: [],
      clients: [],
    };
    expect(enoughFor(uses, ['gist'])).toEqual(['gist']);
  });
});

describe('the name of a client', () => {
  it.each([
    ['git/2.39.5 (Apple Git-154)', 'git/2.39'],
    ['git/2.39.2', 'git/2.39'],
    ['git-lfs/3.4.0 (GitHub; linux amd64; go 1.21.0)', 'git-lfs'],
    ['GitHub CLI 2.40.1', 'gh'],
    ['octokit-core.js/5.0.1 Node.js/20.10.0 (linux; x64)', 'octokit.js'],
    ['octokit.js/3.1.2', 'octokit.js'],
    ['curl/7.88.1', 'curl'],
    ['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101', 'browser'],
    ['our-backup/1.2 (nightly)', 'our-backup'],
    ['', 'unknown'],
    ['<script>', 'unknown'],
    [`${'x'.repeat(10_000)}`, 'unknown'],
  ])('%j is %s', (userAgent, name) => {
    expect(clientName(userAgent)).toBe(name);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['::1', '::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['nonsense', 'unknown'],
  ])('the address %s is counted as %s', (address, name) => {
    expect(networkName(address)).toBe(name);
  });
});
