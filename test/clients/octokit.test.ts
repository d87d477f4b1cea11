// GitHub's libraries for JavaScript, each plugin by itself and put together as their documentation says.
import { createTokenAuth } from '@octokit/auth-token';
import { Octokit } from '@octokit/core';
import { GraphqlResponseError, graphql } from '@octokit/graphql';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { restEndpointMethods } from '@octokit/plugin-rest-endpoint-methods';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit as CompleteOctokit } from 'octokit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeSettings } from '../../src/settings/settings.ts';
import { openPlace, type Place } from './place.ts';

const names = ['five', 'four', 'one', 'three', 'two'];
const wrongToken = `ghp_${'0'.repeat(36)}`;

let place: Place;
let token: string;
let baseUrl: string;

beforeAll(async () => {
  place = await openPlace('octokit.latchkey.test');
  baseUrl = `${place.url}/api/v3`;
  await place.server.person('mona');
  for (const name of names) await place.server.repository('mona', name, 'private');
  token = await place.server.token('mona', ['repo', 'delete_repo', 'read:user']);
});

afterAll(async () => {
  await place?.[Symbol.asyncDispose]();
});

describe('@octokit/auth-token', () => {
  it('knows a token for what it is', async () => {
    expect(await createTokenAuth(token)()).toEqual({ type: 'token', token, tokenType: 'oauth' });
  });
});

describe('@octokit/core', () => {
  it('logs in and asks', async () => {
    const octokit = new Octokit({ auth: token, baseUrl });
    expect((await octokit.request('GET /user')).data.login).toBe('mona');
  });

  it('is told of a wrong token', async () => {
    const octokit = new Octokit({ auth: wrongToken, baseUrl });
    const message = expect.stringContaining('Bad credentials');
    await expect(octokit.request('GET /user')).rejects.toMatchObject({ status: 401, message });
  });
});

describe('@octokit/graphql', () => {
  const ask = () =>
    graphql.defaults({ baseUrl: `${place.url}/api`, headers: { authorization: `token ${token}` } });

  it('asks with variables', async () => {
    const query = `query($owner: String!, $first: Int!) {
      viewer { login }
      repositoryOwner(login: $owner) {
        repositories(first: $first, orderBy: { field: NAME, direction: ASC }) { totalCount nodes { name } }
      }
    }`;
    expect(await ask()(query, { owner: 'mona', first: 2 })).toEqual({
      viewer: { login: 'mona' },
      repositoryOwner: {
        repositories: { totalCount: names.length, nodes: [{ name: 'five' }, { name: 'four' }] },
      },
    });
  });

  it('is told of what is not there', async () => {
    const missing = ask()('{ repository(owner: "mona", name: "missing") { id } }');
    await expect(missing).rejects.toBeInstanceOf(GraphqlResponseError);
    await expect(missing).rejects.toMatchObject({ errors: [{ type: 'NOT_FOUND', path: ['repository'] }] });
  });
});

describe('@octokit/plugin-rest-endpoint-methods', () => {
  it('makes, renames, finds under its former name and deletes a repository', async () => {
    const { rest } = new (Octokit.plugin(restEndpointMethods))({ auth: token, baseUrl });
    const made = await rest.repos.createForAuthenticatedUser({
      name: 'before',
      private: true,
      auto_init: true,
    });
    expect(made.data.clone_url).toBe(`${place.url}/mona/before.git`);
    await rest.repos.update({ owner: 'mona', repo: 'before', name: 'after' });
    const found = await rest.repos.get({ owner: 'mona', repo: 'before' });
    expect(found.data.full_name).toBe('mona/after');
    const { data } = await rest.repos.getReadme({ owner: 'mona', repo: 'after' });
    expect(Buffer.from(data.content, 'base64').toString()).toContain('before');
    expect((await rest.repos.delete({ owner: 'mona', repo: 'after' })).status).toBe(204);
  });
});

describe('@octokit/plugin-paginate-rest', () => {
  it('follows the pages to the end', async () => {
    const octokit = new (Octokit.plugin(paginateRest))({ auth: token, baseUrl });
    const all = await octokit.paginate('GET /user/repos', { per_page: 2, sort: 'full_name' });
    expect(all.map(({ name }) => name)).toEqual(names);
  });
});

describe('@octokit/plugin-retry', () => {
  /** Counts what goes out. @param lost how many of the first requests the network loses */
  function counting(lost = 0) {
    const sent: string[] = [];
    const fetchOrFail: typeof fetch = async (input, init) => {
      sent.push(String(input));
      if (sent.length <= lost) throw new TypeError('fetch failed');
      return fetch(input, init);
    };
    const request = { fetch: fetchOrFail };
    const options = { auth: token, baseUrl, request, retry: { retryAfterBaseValue: 1 } };
    return { sent, octokit: new (Octokit.plugin(retry))(options) };
  }

  it('asks again when the network lost what it asked', async () => {
    const { octokit, sent } = counting(2);
    expect((await octokit.request('GET /user')).status).toBe(200);
    expect(sent).toHaveLength(3);
  });

  it('does not ask again for what is refused or missing', async () => {
    const { octokit, sent } = counting();
    const missing = octokit.request('GET /repos/{owner}/{repo}', { owner: 'mona', repo: 'missing' });
    await expect(missing).rejects.toMatchObject({ status: 404 });
    expect(sent).toHaveLength(1);
  });
});

describe('@octokit/plugin-throttling', () => {
  it('finds no limits where there are none, waits where there are, and goes on', async () => {
    const told: string[] = [];
    const on =
      (kind: string) => async (_after: number, _options: unknown, _octokit: unknown, retries: number) => {
        told.push(kind);
        await changeSettings(place.server.ctx, { rateLimitPerHour: 5000 });
        return retries === 0;
      };
    const octokit = new (Octokit.plugin(throttling))({
      auth: token,
      baseUrl,
      // The plugin's second, shortened: what is waited for is that the server answers again, not the clock.
      throttle: {
        onRateLimit: on('primary'),
        onSecondaryRateLimit: on('secondary'),
        retryAfterBaseValue: 0.05,
      },
    });
    await octokit.request('GET /user');
    expect(told).toEqual([]);
    await changeSettings(place.server.ctx, { rateLimits: true, rateLimitPerHour: 2 });
    try {
      for (let n = 0; n < 3; n += 1) await octokit.request('GET /user');
      expect(told).toEqual(['primary']);
    } finally {
      await changeSettings(place.server.ctx, { rateLimits: false, rateLimitPerHour: 5000 });
    }
  });
});

describe('octokit', () => {
  it('has all of them at once: logs in, lists, writes a file and reads it', async () => {
    const octokit = new CompleteOctokit({ auth: token, baseUrl });
    expect((await octokit.rest.users.getAuthenticated()).data.login).toBe('mona');
    const listed = await octokit.paginate(octokit.rest.repos.listForAuthenticatedUser, { per_page: 3 });
    expect(listed.map(({ name }) => name).sort()).toEqual(names);
    const file = { owner: 'mona', repo: 'one', path: 'README.md' };
    const content = Buffer.from('# One\n').toString('base64');
    await octokit.rest.repos.createOrUpdateFileContents({ ...file, message: 'First', content });
    expect((await octokit.rest.repos.getContent(file)).data).toMatchObject({ type: 'file', size: 6 });
  });
});
