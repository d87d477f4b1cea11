// The programs that test/clients/ tries, where Debian has them, and how each tells its version. CI needs all of them;
// elsewhere the tests of what is missing are left out, and what to install is said.
import { spawnSync } from 'node:child_process';

interface Program {
  /** The package of Debian. */
  readonly package: string;
  readonly version: readonly [program: string, ...args: string[]];
  /** Where its version stands in what it prints. */
  readonly pattern: RegExp;
}

/** Debian's packages are of its own Python, whichever is first in somebody's PATH. */
export const systemPython = '/usr/bin/python3';

const ofPython = (name: string): Program['version'] => [
  systemPython,
  '-c',
  `from importlib.metadata import version; print(version('${name}'))`,
];

export const programs = {
  git: { package: 'git', version: ['git', '--version'], pattern: /version (\S+)/ },
  gh: { package: 'gh', version: ['gh', '--version'], pattern: /gh version (\S+)/ },
  'git-lfs': { package: 'git-lfs', version: ['git-lfs', '--version'], pattern: /git-lfs\/(\S+)/ },
  'git-credential-oauth': {
    package: 'git-credential-oauth',
    // It doesn't tell its version itself.
    version: ['dpkg-query', '--show', 'git-credential-oauth'],
    pattern: /\t(\S+)/,
  },
  PyGithub: { package: 'python3-github', version: ofPython('PyGithub'), pattern: /(\S+)/ },
  Dulwich: { package: 'python3-dulwich', version: ofPython('dulwich'), pattern: /(\S+)/ },
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof programs;

/** @returns null where it is not installed */
export function versionOf(name: ProgramName): string | null {
  const { version, pattern } = programs[name] as Program;
  const [program, ...args] = version;
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? (pattern.exec(stdout)?.[1] ?? null) : null;
}

/** What can't be run here: the version whose source says what it sends. By the title of its tests. */
export const replayed: Readonly<Record<string, string>> = {
  'Git Credential Manager (requests replayed)': '2.9.1',
};
