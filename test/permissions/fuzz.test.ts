// Requests made from the published description of the API, bent and broken, by everybody and with every credential:
// no fault of the server, and nothing private in any answer to who may not see it. A failure prints seed and path;
// LATCHKEY_FUZZ_SEED and LATCHKEY_FUZZ_PATH run it again.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allScopes } from '../../src/scopes/scopes.ts';
import { describedRequests } from './described.ts';
import { type Mark, plantMarks } from './marks.ts';
import { createWorld, type Grant, type Login, type World } from './world.ts';

const runs = Number(process.env.LATCHKEY_FUZZ_RUNS ?? (process.env.LATCHKEY_LONG === '1' ? 100_000 : 2_000));
const { LATCHKEY_FUZZ_SEED: seed, LATCHKEY_FUZZ_PATH: path } = process.env;

let world: World;
let marks: readonly Mark[];
beforeAll(async () => {
  world = await createWorld({ plant: async (made) => (marks = await plantMarks(made)) });
}, 120_000);
afterAll(() => world?.close());

interface Caller {
  /** Null: a stranger, or a bad credential. */
  readonly login: Login | null;
  readonly grant: Grant;
  readonly header?: string;
}

const bad = `ghp_${'a'.repeat(36)}`;
const caller: fc.Arbitrary<Caller> = fc.oneof(
  fc.constant<Caller>({ login: null, grant: 'none' }),
  fc
    .constantFrom(
      `Bearer ${bad}`,
      'Bearer x',
      `Basic ${btoa(`mona:${bad}`)}`,
      'Basic !',
      'token',
      'Negotiate x',
    )
    .map((header): Caller => ({ login: null, grant: 'none', header })),
  fc
    .constantFrom<Login>('hubot', 'spare', 'puppet', 'asleep')
    .chain((login) => fc.constantFrom<Grant>('none', 'all').map((grant): Caller => ({ login, grant }))),
  // Most of them may do something, so that what lies behind the refusals is reached.
  {
    weight: 8,
    arbitrary: fc.record({
      login: fc.constantFrom<Login>('mona', 'reader', 'writer', 'keeper', 'boss'),
      grant: fc.oneof(fc.constant<Grant>('all'), fc.constantFrom<Grant>('none', 'repo', ...allScopes)),
    }),
  },
);

describe('Whatever anybody sends to the API', () => {
  // First: what the requests below change is put back, but the log of it grows.
  it('would be found out: who may see the marks, sees them', async () => {
    const seen = async (url: string, login: Login) => {
      const headers = { authorization: `Bearer ${world.token(login, 'all')}` };
      const { body } = await world.ask({ url: `/api/v3${url}`, headers });
      return marks.filter(({ text }) => `${body}${decoded(body)}`.includes(text)).map(({ text }) => text);
    };
    const at = '/repos/mona/closed';
    expect(await seen(at, 'mona')).toEqual(['xyzzy-description']);
    expect(await seen(`${at}/contents/xyzzy-path.txt`, 'reader')).toEqual(['xyzzy-content', 'xyzzy-path']);
    expect(await seen(`${at}/branches`, 'reader')).toContain('xyzzy-branch');
    expect(await seen(`${at}/commits`, 'reader')).toContain('xyzzy-message');
    expect(await seen(`${at}/hooks`, 'mona')).toEqual(['xyzzy-hook']);
    expect(await seen('/orgs/octo/teams', 'spare')).toEqual(['xyzzy-team']);
    expect(await seen('/admin/tokens?per_page=100&page=3', 'boss')).toEqual(['xyzzy-note']);
    expect(await seen('/user/emails', 'puppet')).toEqual(['xyzzy-mail']);
    const log = '/enterprises/latchkey/audit-log?per_page=100';
    expect(await seen(log, 'boss')).toEqual(['xyzzy-description', 'xyzzy-event', 'xyzzy-affair']);
    expect(await seen('/orgs/octo/audit-log', 'mona')).toEqual(['xyzzy-affair']);
    expect(await seen(at, 'hubot')).toEqual([]);
  });

  it('is never answered by a fault, nor by what they may not see', async () => {
    const request = describedRequests(world);
    await fc.assert(
      fc.asyncProperty(request, caller, async ({ method, url, body, headers }, { login, grant, header }) => {
        const authorization = header ?? (login === null ? undefined : `Bearer ${world.token(login, grant)}`);
        const answer = await world.ask({
          method,
          url: `/api/v3${url}`,
          headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
          ...(body === undefined ? {} : { payload: body }),
        });
        const { statusCode: status } = answer;
        if (status < 400 && method !== 'GET' && method !== 'HEAD') await world.restore();
        const who = `${method} ${url} by ${login ?? 'a stranger'} with ${grant}`;
        expect(status, `${who}: ${answer.body.slice(0, 300)}`).toBeLessThan(500);
        const text = `${JSON.stringify(answer.headers)}\n${answer.body}\n${decoded(answer.body)}`;
        for (const mark of marks) {
          if (text.includes(mark.text) && !mark.mayBeSeen(login, grant))
            throw new Error(`${who} shows ${mark.what}`);
        }
      }),
      {
        numRuns: runs,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
        ...(path === undefined ? {} : { path }),
      },
    );
  }, 1_800_000);
});

/** Contents stand in answers as Base64. */
function decoded(text: string): string {
  const found = [...text.matchAll(/"content":"([^"]{1,2000})"/g)];
  return found.map(([, content = '']) => Buffer.from(content, 'base64').toString('utf8')).join('\n');
}
