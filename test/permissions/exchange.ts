// The bytes of git's protocol for one fetch and for pushes, made by hand, so that a hundred of them take a second
// (gitprotocol-v2(5), gitprotocol-pack(5)); and how to tell that the other side did what was asked.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `workflow`: a push of a file below `.github/workflows`. */
export const exchanges = ['fetch', 'push', 'workflow'] as const;
export type Exchange = (typeof exchanges)[number];

/** What can be pushed to a repository. */
export interface Pushes {
  readonly push: Buffer<ArrayBuffer>;
  readonly workflow: Buffer<ArrayBuffer>;
}

const flush = '0000';
const zero = '0'.repeat(40);
const branch = 'refs/heads/measured';

const pktLine = (text: string): string =>
  `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, '0')}${text}`;

/** A fetch of a commit and all before it by version 2, which has no advertisement to wait for. */
export const fetchByVersion2 = (head: string): string =>
  `${pktLine('command=fetch\n')}0001${pktLine(`want ${head}\n`)}${pktLine('done\n')}${flush}`;

/** The same by version 0, after the advertisement. */
export const fetchByVersion0 = (head: string): string =>
  `${pktLine(`want ${head} side-band-64k ofs-delta\n`)}${flush}${pktLine('done\n')}`;

/** Requests that make a new branch with one new commit upon this one. @param directory of the bare repository */
export function pushesUpon(directory: string, head: string): Pushes {
  const copy = mkdtempSync(join(tmpdir(), 'latchkey-pushes-'));
  try {
    cpSync(directory, copy, { recursive: true });
    const git = (args: readonly string[], input: string) =>
      execFileSync('git', [`--git-dir=${copy}`, ...args], {
        input,
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      });
    const request = (path: string): Buffer<ArrayBuffer> => {
      const commit = `commit ${branch}\ncommitter Ann <ann@example.com> 1700000000 +0000\ndata 2\nx\n`;
      git(
        ['fast-import', '--quiet', '--force'],
        `${commit}from ${head}\nM 100644 inline ${path}\ndata 2\nx\n\n`,
      );
      const made = git(['rev-parse', branch], '').toString('utf8').trim();
      const command = `${zero} ${made} ${branch}\0 report-status side-band-64k agent=measured`;
      const pack = git(['pack-objects', '--revs', '--stdout', '-q'], `${made}\n^${head}\n`);
      return Buffer.concat([Buffer.from(`${pktLine(command)}${flush}`), pack]);
    };
    return { push: request('measured.txt'), workflow: request('.github/workflows/measured.yml') };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Did the answer bring what was asked for? */
export function wentThrough(exchange: Exchange, answer: Buffer): boolean {
  const text = answer.toString('latin1');
  if (exchange === 'fetch') return text.includes('PACK\0\0\0\x02');
  return text.includes('unpack ok') && text.includes(`ok ${branch}`);
}
