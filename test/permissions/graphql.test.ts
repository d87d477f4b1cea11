// GraphQL as a way in, measured from outside: what it tells and changes takes what the same thing takes of REST, by
// everybody and with every scope; and whatever is asked, by whomever, nothing private is told and nothing fails.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionName } from '../../src/access/actions.ts';
import { type GraphqlCase, graphqlCases } from './graphql.ts';
import { randomQuery } from './graphql-queries.ts';
import { type Mark, plantMarks } from './marks.ts';
import { castOf, countsVisibility, may, type Visible } from './oracle.ts';
import { createWorld, type Grant, type Login, type World, wholeCatalogue } from './world.ts';

const isLong = process.env.LATCHKEY_LONG === '1';
const runs = Number(process.env.LATCHKEY_FUZZ_RUNS ?? (isLong ? 20_000 : 150));
const { LATCHKEY_FUZZ_SEED: seed, LATCHKEY_FUZZ_PATH: path } = process.env;

let world: World;
let marks: readonly Mark[];
beforeAll(async () => {
  world = await createWorld({ plant: async (made) => (marks = await plantMarks(made)) });
}, 120_000);
afterAll(() => world?.close());

function ask(query: string, login: Login | null, grant: Grant) {
  return world.ask({
    method: 'POST',
    url: '/api/graphql',
    headers: login === null ? {} : { authorization: `Bearer ${world.token(login, grant)}` },
    payload: { query },
  });
}

describe('The permissions of GraphQL', () => {
  it('are those written by hand, for everybody and every scope', async () => {
    const wrong: string[] = [];
    for (const one of graphqlCases) wrong.push(...(await measure(one)));
    expect(wrong).toEqual([]);
  }, 600_000);
});

async function measure({ what, action, query, isTold }: GraphqlCase): Promise<readonly string[]> {
  const wrong: string[] = [];
  const { right, wrong: other } = castOf(action);
  const isChange = query(world, 'public', right).startsWith('mutation');
  const isByVisibility = countsVisibility(action) || action === 'repositories.create';
  const judge = async (visibility: Visible, login: Login | null, grant: Grant, expected: boolean) => {
    const who = `${what} by ${login} with ${grant} on ${visibility}`;
    const answer = await ask(query(world, visibility, login ?? right), login, grant);
    if (answer.statusCode !== 200) {
      if (expected || ![401, 403].includes(answer.statusCode)) wrong.push(`${who}: ${answer.statusCode}`);
      return;
    }
    const { data } = JSON.parse(answer.body);
    const told = data != null && isTold(data);
    if (told !== expected) wrong.push(`${who}: ${told ? 'let in' : 'refused'}: ${answer.body.slice(0, 200)}`);
    const changed = isChange && !told ? await world.changed() : [];
    if (changed.length > 0) wrong.push(`${who}: refused, but ${changed.join()} changed`);
    if (isChange && (told || changed.length > 0)) await world.restore();
  };
  for (const visibility of isByVisibility ? (['public', 'private'] as const) : (['private'] as const)) {
    for (const grant of grantsFor(action, visibility)) {
      await judge(visibility, right, grant, may(action, 'right', grant, visibility));
    }
    if (other !== null) {
      for (const grant of ['none', 'all'] as const) {
        await judge(visibility, other, grant, may(action, 'wrong', grant, visibility));
      }
    }
    await judge(visibility, 'asleep', 'all', false);
    // It takes a credential, whatever it is about.
    await judge(visibility, null, 'none', false);
  }
  return wrong;
}

/** Each single one; where a token without any will do, some that stand for the others. */
function grantsFor(action: ActionName, visibility: Visible): readonly Grant[] {
  const isOpen = may(action, 'right', 'none', visibility);
  return ['none', 'all', ...(isOpen && !isLong ? (['repo:status', 'user'] as const) : wholeCatalogue)];
}

const caller = fc.record({
  login: fc.constantFrom<Login>('mona', 'reader', 'writer', 'keeper', 'boss', 'hubot', 'spare', 'puppet'),
  grant: fc.constantFrom<Grant>(
    'all',
    'none',
    'repo',
    'read:org',
    'public_repo',
    'user:email',
    'repo:status',
  ),
});

const many: readonly Login[] = ['mona', 'reader', 'writer', 'keeper', 'boss'];

describe('Whatever anybody asks of GraphQL', () => {
  it('would be found out: who may see the marks, sees them', async () => {
    const query = `{ repository(owner: "mona", name: "closed") { description
      refs(refPrefix: "refs/heads/", first: 50) { nodes { name } }
      object(expression: "main:xyzzy-path.txt") { ... on Blob { text } }
      defaultBranchRef { target { ... on Commit { history(first: 5) { nodes { message } } } } } }
      organization(login: "octo") { team(slug: "crew") { description } } }`;
    const seen = async (login: Login) => {
      const { body } = await ask(query, login, 'all');
      return marks.filter(({ text }) => body.includes(text)).map(({ text }) => text);
    };
    const all = ['xyzzy-content', 'xyzzy-message', 'xyzzy-branch', 'xyzzy-description', 'xyzzy-team'];
    expect((await seen('mona')).toSorted()).toEqual(all.toSorted());
    expect(await seen('hubot')).toEqual([]);
  });

  it('is never answered by a fault, nor by what they may not see', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(randomQuery(world), caller, async (query, { login, grant: wanted }) => {
        const grant = many.includes(login) || wanted === 'all' ? wanted : 'none';
        const { statusCode, body } = await ask(query, login, grant);
        if (query.startsWith('mutation')) await world.restore();
        const who = `${query} by ${login} with ${grant}`;
        expect([statusCode, who]).toEqual([200, who]);
        const { data, errors = [] } = JSON.parse(body);
        if (data != null) answered += 1;
        expect(JSON.stringify(errors), who).not.toContain('SERVER_ERROR');
        for (const mark of marks) {
          // What was asked for stands in the answer: aliases, and names that could not be found.
          if (body.includes(mark.text) && !query.includes(mark.text) && !mark.mayBeSeen(login, grant))
            throw new Error(`${who} shows ${mark.what}`);
        }
      }),
      {
        numRuns: runs,
        ...(seed === undefined ? {} : { seed: Number(seed) }),
        ...(path === undefined ? {} : { path }),
      },
    );
    // Most of them are queries that the schema knows.
    expect(answered).toBeGreaterThan(runs / 4);
  }, 1_800_000);
});
