// Where a push is judged: after all of it has come and before anything of it can be seen. receive-pack runs the hook
// `pre-receive` at that moment; ours (hooks/ of this package, a few lines of sh) asks back over two pipes, waits for
// the verdict, and then runs the repository's own. What was refused is put into words by report.ts, since a hook
// itself can't choose them: git says "pre-receive hook declined" and "hook declined" only.
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import type { RefCommand } from './push.ts';

/** In the package, beside `dist` and `src`. */
const packagedHooks = fileURLToPath(new URL('../../hooks/', import.meta.url));

/** githooks(5): those that receive-pack runs, or an update of refs. Ours stand before the first two. */
const hookNames = [
  'pre-receive',
  'update',
  'post-receive',
  'post-update',
  'reference-transaction',
  'proc-receive',
  'push-to-checkout',
] as const;

/**
 * What the hook may say at most; as much as the list of a push may hold. It ends with a byte that no name of a ref can
 * have: of line breaks git hands on whatever a client wrote, before it refuses the name.
 */
const MAX_QUESTION_BYTES = 16 * 1024 * 1024 + 4096;

export interface Question {
  /** Where the objects of the push are, absolute; null: it brought none. */
  readonly quarantine: string | null;
  /** The changes that receive-pack would make; what it refuses itself is not among them. */
  readonly commands: readonly RefCommand[];
}

/** Why refs are refused, by their names; a ref that is not in it may go on. */
export type Verdict = ReadonlyMap<string, string>;

export interface Gate {
  /** A folder of hooks for this push alone. */
  readonly hooksPath: string;
  /**
   * Answers the hook's question when it comes.
   * @param child has descriptors 3 and 4 as pipes
   * @param judge its failing declines the whole push
   */
  attend(child: ChildProcess, judge: (question: Question) => Promise<Ruling>): void;
  /** Removes the folder. */
  close(): Promise<void>;
}

export interface Ruling {
  readonly refused: Verdict;
  /** Nothing goes on: all is refused, or the push is all or nothing (`atomic`). */
  readonly isAll: boolean;
  /** Nothing was found: the check itself failed. */
  readonly isFault?: boolean;
}

/** Where the folders of pushes lie that are being judged; what `kill -9` leaves of them is swept (sweep.ts). */
export function gatesDirectory(config: Pick<Config, 'dataDirectory'>): string {
  return join(config.dataDirectory, 'gates');
}

/**
 * Prepares the judging of one push.
 * @throws when the hook could not be run: without it the push would go on unjudged
 */
export async function openGate(config: Pick<Config, 'dataDirectory'>, repository: string): Promise<Gate> {
  await access(join(packagedHooks, 'pre-receive'), constants.X_OK);
  await access(join(packagedHooks, 'update'), constants.X_OK);
  await mkdir(gatesDirectory(config), { recursive: true, mode: 0o700 });
  const hooksPath = await mkdtemp(join(gatesDirectory(config), 'push-'));
  const own = await ownHooks(repository);
  await symlink(join(packagedHooks, 'pre-receive'), join(hooksPath, 'pre-receive'));
  for (const name of own) {
    if (name !== 'pre-receive') await symlink(join(packagedHooks, 'own'), join(hooksPath, name));
  }

  async function answer(
    { quarantine, text }: Asked,
    judge: (question: Question) => Promise<Ruling>,
  ): Promise<string> {
    const { refused, isAll } = await judge({ quarantine, commands: commandsOf(text) });
    if (isAll) return 'stop\n';
    if (refused.size > 0) {
      const names = [...refused.keys()].map((ref) => `${ref}\n`).join('');
      await writeFile(join(hooksPath, 'refused'), names, 'latin1');
      if (own.includes('update')) await unlink(join(hooksPath, 'update'));
      await symlink(join(packagedHooks, 'update'), join(hooksPath, 'update'));
    }
    return own.includes('pre-receive') ? `go\n${text}` : 'go\n';
  }

  return {
    hooksPath,
    attend({ stdio }, judge) {
      const [from, to] = [stdio[3], stdio[4]];
      if (!(from instanceof Duplex) || !(to instanceof Duplex))
        throw new TypeError('the child lacks its pipes');
      for (const pipe of [from, to]) pipe.on('error', () => pipe.destroy());
      let said = '';
      let isAsked = false;
      from.setEncoding('latin1').on('data', (piece: string) => {
        said += piece;
        if (said.length > MAX_QUESTION_BYTES) from.destroy();
        const asked = isAsked ? null : wholeQuestion(said);
        if (asked === null) return;
        isAsked = true;
        answer(asked, judge).then(
          (text) => to.end(text, 'latin1'),
          () => to.end('stop\n'),
        );
      });
      from.on('close', () => to.destroy());
    },
    close: () => rm(hooksPath, { recursive: true, force: true }),
  };
}

interface Asked {
  readonly quarantine: string | null;
  readonly text: string;
}

/** A line for the quarantine, the lines of the hook's input, a zero byte. Each character is a byte. */
function wholeQuestion(said: string): Asked | null {
  if (!said.endsWith('\0')) return null;
  const end = said.indexOf('\n');
  const quarantine = Buffer.from(said.slice(0, end), 'latin1').toString('utf8');
  return { quarantine: quarantine === '' ? null : quarantine, text: said.slice(end + 1, -1) };
}

/** `old new ref`, a line each (githooks(5)). @throws at anything else, as a name with a line break makes it */
function commandsOf(text: string): readonly RefCommand[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [, from, to, ref] = /^([0-9a-f]+) ([0-9a-f]+) (.+)$/.exec(line) ?? [];
      if (from === undefined || to === undefined || ref === undefined) throw new Error('not a list of refs');
      return { from, to, ref };
    });
}

/** Those that an administrator put into the repository. */
async function ownHooks(repository: string): Promise<readonly string[]> {
  const present: readonly string[] = await readdir(join(repository, 'hooks')).catch(() => []);
  const own: string[] = [];
  for (const name of hookNames) {
    if (present.includes(name) && (await isExecutable(join(repository, 'hooks', name)))) own.push(name);
  }
  return own;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
