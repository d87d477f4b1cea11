// The clients that people have: curl and Octokit for the API, the installed git and isomorphic-git for git. Each pair
// goes the same round: who am I, make a repository, push to it, read it back, clone it, delete it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import isomorphic from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { Octokit, RequestError } from 'octokit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkContract } from '../contract.ts';
import { createGitClient, type GitClient } from '../git-client.ts';
import { startServer, type TestServer } from './server.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Asks the API, and has its answer held to the description. */
type Ask = (method: string, path: string, body?: object) => Promise<Answer>;

interface GitTool {
  /** Makes a work tree with one commit and pushes it. @returns the commit's id */
  push(url: string, name: string, file: string, text: string): Promise<string>;
  /** Clones, and reads a file of what came. */
  read(url: string, name: string, file: string): Promise<string>;
}

let server: TestServer;
let client: GitClient;
let token: string;

beforeAll(async () => {
  server = await startServer();
  client = await createGitClient();
  await server.person('mona');
  token = await server.token('mona', ['repo', 'delete_repo', 'read:user']);
});

afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Its settings, the token among them, go in by standard input: arguments are for everybody to see. */
const curl: Ask = async (method, path, body) => {
  const settings = [
    `url = ${JSON.stringify(`${server.url}/api/v3${path}`)}`,
    `request = ${method}`,
    `header = ${JSON.stringify(`Authorization: token ${token}`)}`,
    'silent',
    'show-error',
    `write-out = ${JSON.stringify('\n%{http_code}')}`,
    // Without a Content-Type of JSON, as most people type it.
    ...(body === undefined ? [] : [`data = ${JSON.stringify(JSON.stringify(body))}`]),
  ];
  const child = spawn('curl', ['--disable', '--config', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(settings.join('\n'));
  let output = '';
  child.stdout.on('data', (piece: Buffer) => {
    output += piece.toString('utf8');
  });
  await once(child, 'close');
  const end = output.lastIndexOf('\n');
  const text = output.slice(0, end);
  return { status: Number(output.slice(end + 1)), body: text === '' ? '' : JSON.parse(text) };
};

const octokit: Ask = async (method, path, body) => {
  const api = new Octokit({ auth: token, baseUrl: `${server.url}/api/v3`, retry: { enabled: false } });
  try {
    const { status, data } = await api.request({ method, url: path, ...body });
    return { status, body: data ?? '' };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { status: error.status, body: error.response?.data ?? '' };
  }
};

const installedGit: GitTool = {
  push: async (url, name, file, text) => {
    const env = server.credential(token, 'mona');
    await client.git(['init', '-q', '-b', 'main', name]);
    fs.writeFileSync(client.path(name, file), text);
    await client.git(['add', '.'], { in: name });
    await client.git(['commit', '-q', '-m', 'First'], { in: name });
    await client.git(['push', '-q', url, 'main'], { in: name, env });
    return client.git(['rev-parse', 'HEAD'], { in: name });
  },
  read: async (url, name, file) => {
    await client.git(['clone', '-q', url, name], { env: server.credential(token, 'mona') });
    return fs.readFileSync(client.path(name, file), 'utf8');
  },
};

/** Gives the token as the user name, as its documentation says. */
const onAuth = () => ({ username: token, password: 'x-oauth-basic' });

const isomorphicGit: GitTool = {
  push: async (url, name, file, text) => {
    const dir = client.path(name);
    await isomorphic.init({ fs, dir, defaultBranch: 'main' });
    fs.writeFileSync(join(dir, file), text);
    await isomorphic.add({ fs, dir, filepath: file });
    const author = { name: 'Mona', email: 'mona@example.com' };
    const sha = await isomorphic.commit({ fs, dir, message: 'First', author });
    await isomorphic.push({ fs, http, dir, url, ref: 'main', onAuth });
    return sha;
  },
  read: async (url, name, file) => {
    const dir = client.path(name);
    await isomorphic.clone({ fs, http, dir, url, onAuth });
    return fs.readFileSync(join(dir, file), 'utf8');
  },
};

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const apis = [['Octokit', octokit], ...(hasCurl() ? [['curl', curl] as const] : [])] as const;
const tools = [
  ['git', installedGit],
  ['isomorphic-git', isomorphicGit],
] as const;
const pairs = apis.flatMap(([api, ask]) => tools.map(([tool, git]) => ({ api, ask, tool, git })));

describe.each(pairs)('somebody with $api and $tool', ({ api, ask, tool, git }) => {
  it('makes a repository, pushes, reads it back, clones and deletes it', async () => {
    const call: Ask = async (method, path, body) => {
      const answer = await ask(method, path, body);
      checkContract(method, path, answer.status, answer.body);
      return answer;
    };
    const name = `${api}-${tool}`;
    const path = `/repos/mona/${name}`;
    const url = `${server.url}/mona/${name}.git`;
    const text = `# ${name}\n`;

    expect(await call('GET', '/user')).toMatchObject({ status: 200, body: { login: 'mona' } });
    const created = await call('POST', '/user/repos', { name, private: true });
    expect(created).toMatchObject({ status: 201, body: { private: true, clone_url: url } });
    expect((await call('POST', '/user/repos', { name })).status).toBe(422);
    expect((await call('GET', `${path}/commits`)).status).toBe(409);

    const sha = await git.push(url, `${name}-work`, 'README.md', text);

    expect(await call('GET', `${path}/branches/main`)).toMatchObject({ body: { commit: { sha } } });
    expect(await call('GET', `${path}/commits/${sha}`)).toMatchObject({
      body: { commit: { message: 'First' } },
    });
    const readme = (await call('GET', `${path}/readme`)).body as { content: string };
    expect(Buffer.from(readme.content, 'base64').toString()).toBe(text);
    const { pushed_at, size } = (await call('GET', path)).body as { pushed_at: string; size: number };
    expect(Date.parse(pushed_at)).toBeGreaterThan(Date.now() - 60_000);
    expect(size).toBeGreaterThan(0);
    expect(await git.read(url, `${name}-clone`, 'README.md')).toBe(text);

    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    await expect(git.read(url, `${name}-late`, 'README.md')).rejects.toThrow(/not found|404/i);
  });
});

describe('Octokit', () => {
  it('follows pages to the end, with what it knows kept by ETag', async () => {
    await server.person('paul');
    const auth = await server.token('paul', ['repo']);
    const api = new Octokit({ auth, baseUrl: `${server.url}/api/v3` });
    for (const name of ['page-one', 'page-two', 'page-three']) {
      await api.rest.repos.createForAuthenticatedUser({ name });
    }
    const all = await api.paginate(api.rest.repos.listForAuthenticatedUser, { per_page: 1 });
    expect(all.map(({ name }) => name).sort()).toEqual(['page-one', 'page-three', 'page-two']);
    const { headers } = await api.rest.repos.get({ owner: 'paul', repo: 'page-one' });
    const again = api.request('GET /repos/{owner}/{repo}', {
      owner: 'paul',
      repo: 'page-one',
      headers: { 'if-none-match': headers.etag ?? '' },
    });
    await expect(again).rejects.toMatchObject({ status: 304 });
    await api.rest.repos.update({ owner: 'paul', repo: 'page-one', name: 'page-uno' });
    const moved = await api.rest.repos.get({ owner: 'paul', repo: 'page-one' });
    expect(moved.data.name).toBe('page-uno');
  });
});
