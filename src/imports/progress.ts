// Reads what git says on stderr while it clones (progress.c of git): how far it is, and in the end why it failed.
import type { Problem } from '../problems.ts';
import { sourceProblem } from './address.ts';

export interface ImportProgress {
  readonly phase: 'connecting' | 'preparing' | 'receiving' | 'resolving' | 'finishing';
  /** Of this phase, 0 to 100; null: not known. */
  readonly percent: number | null;
}

/** What git calls the phases. What the other side says is marked by `remote: `. */
const phases: readonly (readonly [string, ImportProgress['phase']])[] = [
  ['remote: Enumerating objects', 'preparing'],
  ['remote: Counting objects', 'preparing'],
  ['remote: Compressing objects', 'preparing'],
  ['Receiving objects', 'receiving'],
  ['Resolving deltas', 'resolving'],
  ['Checking connectivity', 'finishing'],
];

const MAX_LINE_LENGTH = 4096;
const MAX_KEPT_LENGTH = 16_384;

export interface ProgressReader {
  read(piece: Buffer): void;
  /** Did a pack come by the smart protocol, checked as it came? */
  hasReceived(): boolean;
  /** The end of what is no progress. */
  messages(): string;
}

export function createProgressReader(report: (progress: ImportProgress) => void): ProgressReader {
  let line = '';
  let kept = '';
  let received = false;
  let last = '';

  function take(text: string): void {
    const known = phases.find(([words]) => text.startsWith(`${words}:`));
    if (known === undefined) {
      if (text.trim() !== '') kept = `${kept}${text}\n`.slice(-MAX_KEPT_LENGTH);
      return;
    }
    const [words, phase] = known;
    if (phase === 'receiving') received = true;
    const [, digits] = /^:\s+(\d{1,3})%/.exec(text.slice(words.length)) ?? [];
    const percent = digits === undefined ? null : Math.min(100, Number(digits));
    // git repeats itself twice a second.
    const now = `${phase} ${percent}`;
    if (now === last) return;
    last = now;
    report({ phase, percent });
  }

  return {
    read(piece) {
      const lines = (line + piece.toString('utf8')).split(/[\r\n]/);
      line = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH);
      for (const text of lines) take(text);
    },
    hasReceived: () => received,
    messages: () => `${kept}${line}`,
  };
}

/** Why git failed, in words for who asked for the import; null: it says nothing that is known here. */
export function failureIn(messages: string): Problem | null {
  // Only what git itself says: the other side may write what it likes.
  const own = messages
    .split('\n')
    .filter((line) => !line.startsWith('remote:'))
    .join('\n');
  const object = /object ([0-9a-f]{40,64}): (\w+): /.exec(own);
  if (object !== null) {
    return sourceProblem(
      `The history holds something that is not let in: object ${object[1]} has the fault ${object[2]} (git-fsck).`,
    );
  }
  for (const [pattern, message] of failures) if (pattern.test(own)) return sourceProblem(message);
  const [, reason] = /unable to access '[^\n]*': ([^\n]{1,200})/.exec(own) ?? [];
  if (reason !== undefined) {
    return sourceProblem(`The source could not be reached: ${reason.replaceAll(/\p{Cc}/gu, ' ')}`);
  }
  return null;
}

const failures: readonly (readonly [RegExp, string])[] = [
  [
    /could not read (?:Username|Password)|Authentication failed|requested URL returned error: 40[13]/,
    'The source asks for a user name and password, and did not get one that it takes.',
  ],
  [
    /requested URL returned error: 3\d\d|unable to update url base from redirection/,
    'The address redirects elsewhere, which is not followed: give the address at which the repository is.',
  ],
  [
    /repository '[^\n]*' not found|requested URL returned error: 404/,
    'There is no repository at this address, or seeing it takes a user name and password.',
  ],
  [/Could not resolve host/, 'The name of the source could not be resolved.'],
  [/fsck error in packed object/, 'The history holds something that is not let in (git-fsck).'],
  [
    /not valid: is this a git repository|does not appear to be a git repository|invalid server response|protocol error/,
    'No Git repository answers at this address.',
  ],
  [
    /not our ref|bad object|missing (?:blob|tree|commit)|unable to read|did not send all necessary objects|early EOF|invalid index-pack|unexpected disconnect|the remote end hung up|inflate|corrupt|bad pack/i,
    'The source is damaged or incomplete, or broke off.',
  ],
];
