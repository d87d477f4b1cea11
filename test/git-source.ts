// Sources to import from: repositories with a history, and a web server that offers them by the smart protocol
// through git's own http-backend, or misbehaves in ways that a test chooses.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

const environment = {
  PATH: process.env.PATH,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
};

/** Runs git on a bare repository and gives what it prints. */
export function gitIn(directory: string, args: readonly string[], input: string | Buffer = ''): string {
  return execFileSync('git', [`--git-dir=${directory}`, ...args], {
    env: environment,
    encoding: 'utf8',
    input,
    maxBuffer: 1024 ** 3,
    stdio: ['pipe', 'pipe', 'ignore'],
  }).trim();
}

/** Every object that can be reached, with its path: the same text means the same history, byte for byte. */
export function reachable(directory: string): string {
  return gitIn(directory, ['rev-list', '--objects', '--all']).split('\n').sort().join('\n');
}

export function refsOf(directory: string): string {
  return gitIn(directory, ['for-each-ref', '--format=%(objectname) %(refname)']);
}

/** A bare repository with two branches, a merge, an annotated tag and refs of other kinds. */
export function makeSource(directory: string, options: { readonly objectFormat?: string } = {}): string {
  mkdirSync(dirname(directory), { recursive: true });
  const format = `--object-format=${options.objectFormat ?? 'sha1'}`;
  execFileSync('git', ['init', '-q', '--bare', '--template=', format, '-b', 'trunk', directory], {
    env: environment,
  });
  const person = 'Ann <ann@example.com> 1700000000 +0000';
  const commit = (ref: string, mark: number, rest: string) =>
    `commit ${ref}\nmark :${mark}\ncommitter ${person}\ndata 3\nOne${rest}\n`;
  const stream = [
    'blob\nmark :1\ndata 6\nHello\n\n',
    commit('refs/heads/trunk', 2, '\nM 100644 :1 README.md\nM 100644 :1 src/deep/file.txt\n'),
    commit('refs/heads/feature/x', 3, '\nfrom :2\nM 100755 :1 tool\n'),
    commit('refs/heads/trunk', 4, '\nfrom :2\nmerge :3\nM 100644 :1 merged\n'),
    'reset refs/pull/1/head\nfrom :3\n\nreset refs/latchkey/own\nfrom :3\n\n',
    `tag v1\nfrom :4\ntagger ${person}\ndata 3\nTag\ndone\n`,
  ];
  gitIn(directory, ['-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--done'], stream.join(''));
  return directory;
}

/**
 * Writes a long history into a new bare repository: commits that each change some files in folders, with merges,
 * branches and tags. About four objects a commit; what the files hold does not compress.
 */
export async function makeLongHistory(
  directory: string,
  { commits, bytesPerFile }: { readonly commits: number; readonly bytesPerFile: number },
): Promise<string> {
  mkdirSync(dirname(directory), { recursive: true });
  execFileSync('git', ['init', '-q', '--bare', '--template=', '-b', 'main', directory], { env: environment });
  const args = [`--git-dir=${directory}`, '-c', 'core.compression=1', 'fast-import', '--quiet', '--done'];
  const child = spawn('git', args, { env: environment, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  for (let number = 1; number <= commits; number++) {
    const merged = number % 50 === 0 ? `merge :${number - 25}\n` : '';
    const name = `folder-${number % 40}/deep/file-${number % 7}`;
    const when = `Ann <ann@example.com> ${1_500_000_000 + number * 60} +0200`;
    const text = `Change ${number}\n`;
    const head =
      `commit refs/heads/main\nmark :${number}\ncommitter ${when}\ndata ${text.length}\n${text}` +
      `${number === 1 ? '' : `from :${number - 1}\n`}${merged}M 100644 inline ${name}\ndata ${bytesPerFile}\n`;
    const side = number % 100 === 0 ? `reset refs/heads/side-${number}\nfrom :${number - 10}\n\n` : '';
    const tag = `tag v${number}\nfrom :${number}\ntagger ${when}\ndata ${text.length}\n${text}`;
    const piece = Buffer.concat([
      Buffer.from(head),
      randomBytes(bytesPerFile),
      Buffer.from(`\n${side}${number % 100 === 0 ? tag : ''}`),
    ]);
    if (!child.stdin.write(piece)) await once(child.stdin, 'drain');
  }
  child.stdin.end('done\n');
  const [status] = (await ended) as [number | null];
  if (status !== 0) throw new Error(`git fast-import ended with ${status}`);
  return directory;
}

export interface GitServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server on the loopback address whose answers the test makes. */
export async function startServer(answer: Answer): Promise<GitServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers as `git http-backend` does for the repositories in a folder (git-http-backend(1)). */
export function serveRepositories(folder: string): Answer {
  return (request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const child = spawn('git', ['http-backend'], {
      env: {
        ...environment,
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: path,
        QUERY_STRING: query,
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(child.stdin);
    child.stdin.on('error', () => child.stdin.destroy());
    let head: Buffer | null = Buffer.alloc(0);
    child.stdout.on('data', (piece: Buffer) => {
      if (head === null) {
        response.write(piece);
        return;
      }
      head = Buffer.concat([head, piece]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      for (const line of head.subarray(0, end).toString('latin1').split('\r\n')) {
        const [name = '', value = ''] = line.split(': ');
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.write(head.subarray(end + 4));
      head = null;
    });
    child.on('close', () => response.end());
  };
}

/** Hands out files as they are: the dumb protocol, after `git update-server-info`. */
export function serveFiles(folder: string): Answer {
  return (request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    readFile(join(folder, path)).then(
      (bytes) => response.end(bytes),
      () => response.writeHead(404).end(),
    );
  };
}
