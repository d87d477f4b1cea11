// Two hundred clones, pushes and API calls at once on the embedded database: none fails, and none gets what was
// somebody else's answer.
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient, type GitClient } from '../git-client.ts';
import { startServer, type TestServer } from './server.ts';

const people = 10;
const operations = 200;

let server: TestServer;
let client: GitClient;

beforeAll(async () => {
  server = await startServer();
  client = await createGitClient();
});

afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
});

interface Person {
  readonly login: string;
  readonly token: string;
  readonly url: string;
  /** Stands in the person's repository, and in nobody else's. */
  readonly mark: string;
}

/** A person with a private repository whose one file tells whose it is. */
async function person(number: number): Promise<Person> {
  const login = `person${number}`;
  const mark = `only ${login} sees this\n`;
  await server.person(login);
  const token = await server.token(login, ['repo', 'user']);
  const { cloneUrl: url } = await server.repository(login, 'own', 'private');
  await client.git(['init', '-q', login]);
  await writeFile(client.path(login, 'mark'), mark);
  await client.git(['add', '.'], { in: login });
  await client.git(['commit', '-qm', login], { in: login });
  await client.git(['push', '-q', url, 'main'], { in: login, env: server.credential(token) });
  return { login, token, url, mark };
}

describe('two hundred operations at once', () => {
  it('all go well, and each gets its own answer', async () => {
    const everybody: Person[] = [];
    for (let number = 0; number < people; number++) everybody.push(await person(number));

    const kinds = [
      async ({ login, token, url, mark }: Person, i: number) => {
        const env = server.credential(token);
        await client.git(['clone', '-q', url, `clone-${i}`], { env });
        expect(await readFile(client.path(`clone-${i}`, 'mark'), 'utf8'), login).toBe(mark);
      },
      async ({ login, token, url }: Person, i: number) => {
        const env = server.credential(token);
        await client.git(['push', '-q', url, `HEAD:refs/heads/branch-${i}`], { in: login, env });
      },
      async ({ login, token }: Person) => {
        const answer = await server.fetch('/api/v3/user', { token });
        expect(answer.status).toBe(200);
        expect(((await answer.json()) as { readonly login: string }).login).toBe(login);
      },
      async ({ login, token }: Person) => {
        const answer = await server.fetch('/api/v3/user/repos', { token });
        expect(answer.status).toBe(200);
        const names = ((await answer.json()) as readonly { readonly full_name: string }[]).map(
          (r) => r.full_name,
        );
        expect(names).toEqual([`${login}/own`]);
      },
      async ({ token, login }: Person, i: number) => {
        const other = `person${(Number(login.slice('person'.length)) + 1 + (i % (people - 1))) % people}`;
        const answer = await server.fetch(`/api/v3/repos/${other}/own`, { token });
        expect(answer.status).toBe(404);
      },
    ];
    const work = Array.from({ length: operations }, async (_, i) => {
      const kind = kinds[i % kinds.length];
      const who = everybody[Math.floor(i / kinds.length) % people];
      if (kind !== undefined && who !== undefined) await kind(who, i);
    });
    const outcomes = await Promise.allSettled(work);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);

    // Every branch that was pushed is there, in the repository of who pushed it.
    for (const { login, token, url } of everybody) {
      const refs = await client.git(['ls-remote', '--heads', url], { env: server.credential(token) });
      const head = await client.git(['rev-parse', 'HEAD'], { in: login });
      const expected = Array.from({ length: operations }, (_, i) => i).filter(
        (i) => i % kinds.length === 1 && everybody[Math.floor(i / kinds.length) % people]?.login === login,
      );
      const lines = [...expected.map((i) => `${head}\trefs/heads/branch-${i}`), `${head}\trefs/heads/main`];
      expect(refs.split('\n').sort()).toEqual(lines.sort());
    }
  });
});
