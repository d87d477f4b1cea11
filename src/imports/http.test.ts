import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import {
  type GitServer,
  gitIn,
  makeSource,
  reachable,
  serveFiles,
  serveRepositories,
  startServer,
} from '../../test/git-source.ts';
import { type RepositoriesContext, repositoriesContext } from '../../test/repositories.ts';
import { type Config, defaultLimits } from '../config/config.ts';
import { repositoryDirectory } from '../repositories/storage.ts';
import { Secret } from '../secrets/secret.ts';
import type { Credentials } from './address.ts';
import { type ImportOptions, importRepository } from './imports.ts';

let ctx: RepositoriesContext;
let folder: string;
let source: string;
const servers: GitServer[] = [];

beforeEach(async () => {
  ctx = await repositoriesContext({ importFromPrivateAddresses: true });
  folder = join(ctx.root, 'sources');
  source = makeSource(join(folder, 'tool.git'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await ctx.close();
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<GitServer> {
  const server = await startServer(answer);
  servers.push(server);
  return server;
}

const importUrl = (
  url: string,
  {
    credentials = null,
    config = {},
    ...options
  }: ImportOptions & { readonly credentials?: Credentials | null; readonly config?: Partial<Config> } = {},
) =>
  importRepository(
    { ...ctx, config: { ...ctx.config, ...config } },
    { owner: ctx.ann, name: 'tool', description: null, visibility: 'private' },
    { kind: 'url', url, credentials },
    options,
  );

/** The sentence with which an import is refused; nothing of it may be left. */
async function refusal(attempt: ReturnType<typeof importUrl>): Promise<string> {
  const outcome = await attempt;
  expect(readdirSync(ctx.config.repositoriesDirectory)).toEqual([]);
  return outcome.ok ? 'it was imported' : outcome.problems.map(({ message }) => message).join(' ');
}

const pktLine = (text: string) => (text.length + 4).toString(16).padStart(4, '0') + text;
const advertisement = 'application/x-git-upload-pack-advertisement';

describe('importing over http', () => {
  it('brings all of the history, from the address that was checked', async () => {
    const server = await serve(serveRepositories(folder));
    const phases: string[] = [];
    const made = valueIn(
      await importUrl(`http://source.example:${server.port}/tool.git`, {
        resolve: async () => ['127.0.0.1'],
        onProgress: ({ phase }) => phases.push(phase),
      }),
    );
    const directory = repositoryDirectory(ctx.config, made.id);
    gitIn(source, ['update-ref', '-d', 'refs/latchkey/own']);
    expect(reachable(directory)).toBe(reachable(source));
    expect(gitIn(directory, ['for-each-ref', 'refs/latchkey'])).toBe('');
    expect(made.defaultBranch).toBe('trunk');
    expect(phases).toEqual(expect.arrayContaining(['connecting', 'receiving', 'finishing']));
  });

  it('takes an empty repository, and one with SHA-256 names', async () => {
    makeSource(join(folder, 'new.git'), { objectFormat: 'sha256' });
    execFileSync('git', ['init', '-q', '--bare', '-b', 'later', join(folder, 'empty.git')]);
    const server = await serve(serveRepositories(folder));
    const owner = ctx.ann;
    for (const [name, branch] of [
      ['new', 'trunk'],
      ['empty', 'later'],
    ] as const) {
      const wanted = { owner, name, description: null, visibility: 'public' } as const;
      const url = `${server.url}/${name}.git`;
      const made = valueIn(await importRepository(ctx, wanted, { kind: 'url', url, credentials: null }));
      expect(made.defaultBranch).toBe(branch);
    }
  });

  it('asks no other host than the one that was checked, and follows no redirect', async () => {
    const inner = await serve(serveRepositories(folder));
    for (const status of [301, 302, 307, 308]) {
      const outer = await serve((request, response) => {
        response.writeHead(status, { location: `${inner.url}${request.url}` }).end();
      });
      expect(await refusal(importUrl(`${outer.url}/tool.git`))).toContain('redirects elsewhere');
    }
    expect(inner.asked).toEqual([]);
  });

  it('goes to public addresses only, unless the server is told otherwise', async () => {
    const server = await serve(serveRepositories(folder));
    const config = { importFromPrivateAddresses: false };
    const resolve = async () => ['127.0.0.1'];
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '0', 'source.example', '127.1']) {
      const url = `http://${host}:${server.port}/tool.git`;
      expect(await refusal(importUrl(url, { config, resolve }))).toContain('not a public address');
    }
    expect(server.asked).toEqual([]);
  });

  it('shows a password to the source alone, and keeps it nowhere', async () => {
    const given = `Basic ${btoa('ann:hunter 2"$(id)`')}`;
    const repositories = serveRepositories(folder);
    let argv = '';
    const server = await serve((request, response) => {
      argv += execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
      if (request.headers.authorization === given) repositories(request, response);
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    const url = `${server.url}/tool.git`;
    expect(await refusal(importUrl(url))).toContain('asks for a user name and password');
    const wrong = { username: 'ann', password: new Secret('wrong') };
    expect(await refusal(importUrl(url, { credentials: wrong }))).toContain(
      'asks for a user name and password',
    );
    const right = { username: 'ann', password: new Secret('hunter 2"$(id)`') };
    const made = valueIn(await importUrl(url, { credentials: right }));
    const kept = spawnSync('grep', ['-rl', 'hunter', repositoryDirectory(ctx.config, made.id)]);
    expect([kept.status, kept.stdout.toString()]).toEqual([1, '']);
    expect(argv).toContain('git');
    expect(argv).not.toContain('hunter');
  });

  it('refuses content made to attack, as a push would be', async () => {
    const blob = gitIn(
      source,
      ['hash-object', '-w', '--stdin'],
      '[submodule "../x"]\n\tpath = x\n\turl = -u\n',
    );
    const tree = gitIn(source, ['mktree'], `100644 blob ${blob}\t.gitmodules\n`);
    gitIn(source, ['update-ref', 'refs/heads/bad', gitIn(source, ['commit-tree', '-m', 'Bad', tree])]);
    const smart = await serve(serveRepositories(folder));
    expect(await refusal(importUrl(`${smart.url}/tool.git`))).toContain('gitmodules');
    gitIn(source, ['update-server-info']);
    const dumb = await serve(serveFiles(folder));
    expect(await refusal(importUrl(`${dumb.url}/tool.git`))).toContain('dumb HTTP protocol');
  });

  it('says what is wrong with a source that is none', async () => {
    const server = await serve(serveRepositories(folder));
    expect(await refusal(importUrl(`${server.url}/nothing.git`))).toContain('no repository at this address');
    const page = await serve((_, response) => response.end('<h1>Hello</h1>'));
    expect(await refusal(importUrl(`${page.url}/tool.git`))).toContain('No Git server answers');
    const broken = await serve((_, response) => response.writeHead(500).end());
    expect(await refusal(importUrl(`${broken.url}/tool.git`))).toContain('500');
    await server.close();
    expect(await refusal(importUrl(`${server.url}/tool.git`))).toContain('could not be reached');
    const hangsUp = await serve((request) => request.socket.destroy());
    expect(await refusal(importUrl(`${hangsUp.url}/tool.git`))).toContain('could not be reached');
    const resolve = async () => {
      throw new Error('ENOTFOUND');
    };
    expect(await refusal(importUrl('http://source.example/', { resolve }))).toContain(
      'could not be resolved',
    );
  });
});

describe('a source that never ends', () => {
  it('is given up when its time is over', async () => {
    const silent = await serve(() => undefined);
    const attempt = importUrl(`${silent.url}/tool.git`, { timeoutMs: 1000 });
    expect(await refusal(attempt)).toContain('took longer');
  });

  /** Offers one branch, and then goes on and on. @param channel of the answer: 1 for the pack, 2 for words */
  const endless = (channel: 1 | 2, first: Buffer, rest: Buffer) =>
    serve((request, response) => {
      if (request.method === 'GET') {
        const sha = '1'.repeat(40);
        response.setHeader('content-type', advertisement);
        const refs = pktLine(`${sha} HEAD\0side-band-64k\n`) + pktLine(`${sha} refs/heads/main\n`);
        response.end(`${pktLine('# service=git-upload-pack\n')}0000${refs}0000`);
        return;
      }
      response.setHeader('content-type', 'application/x-git-upload-pack-result');
      response.write('0008NAK\n');
      const piece = (data: Buffer) =>
        Buffer.concat([
          Buffer.from((data.length + 5).toString(16).padStart(4, '0')),
          Buffer.from([channel]),
          data,
        ]);
      response.write(piece(first));
      const more = () => {
        while (!response.destroyed && response.write(piece(rest)));
      };
      response.on('drain', more);
      more();
    });
  const packHeader = Buffer.from([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, 1]);
  const limits = { ...defaultLimits, repositoryBytes: 20 * 1024 * 1024 };

  it('is given up when it is larger than a repository may be', async () => {
    // A blob of a terabyte, in stored deflate blocks.
    const blob = Buffer.from([0xb0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02, 0x78, 0x01]);
    const stored = Buffer.concat([Buffer.from([0, 0, 0x80, 0xff, 0x7f]), Buffer.alloc(0x8000, 7)]);
    const server = await endless(1, Buffer.concat([packHeader, blob]), stored);
    expect(await refusal(importUrl(`${server.url}/tool.git`, { config: { limits } }))).toContain('larger');
  });

  it.runIf(process.platform === 'linux')('is given up when all it does is talk', async () => {
    const server = await endless(2, Buffer.from('Hello'), Buffer.from(`${' bla'.repeat(8_000)}\n`));
    expect(await refusal(importUrl(`${server.url}/tool.git`, { config: { limits } }))).toContain('larger');
  });

  it.runIf(process.platform === 'linux')('is given up when it fills the memory with refs', async () => {
    const server = await serve((_, response) => {
      response.setHeader('content-type', advertisement);
      response.write(`${pktLine('# service=git-upload-pack\n')}0000`);
      const line = pktLine(`${'1'.repeat(40)} refs/heads/${'x'.repeat(900)}\n`);
      const piece = line.repeat(1000);
      const more = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', more);
      more();
    });
    expect(await refusal(importUrl(`${server.url}/tool.git`))).toContain('memory');
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    const silent = await serve(() => controller.abort(new Error('enough')));
    const attempt = importUrl(`${silent.url}/tool.git`, { signal: controller.signal });
    await expect(attempt).rejects.toThrow('enough');
    expect(readdirSync(ctx.config.repositoriesDirectory)).toEqual([]);
  });
});
