// Commits as no well-behaved client makes them, put into a repository from below.
import { git } from '../src/process/git.ts';

interface HostileCommit {
  /** Contents of files in the root, by name. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** Submodules in the root: paths and the commits that they name. */
  readonly submodules?: Readonly<Record<string, string>>;
  readonly message?: string;
}

/** Makes a commit without parents the head of `main`. @returns its id */
export async function commitTo(
  repository: string,
  { files, submodules = {}, message = 'Message' }: HostileCommit,
): Promise<string> {
  const run = async (args: readonly string[], input: string | Uint8Array = '') =>
    (await git(args, { repository, input })).stdout.toString('utf8').trim();
  const entries = Object.entries(submodules).map(([path, sha]) => `160000 commit ${sha}\t${path}\0`);
  for (const [name, content] of Object.entries(files)) {
    const sha = await run(['hash-object', '-w', '--stdin'], content);
    entries.push(`100644 blob ${sha}\t${name}\0`);
  }
  const tree = await run(['mktree', '-z', '--missing'], entries.join(''));
  const who = 'Eve <eve@example.com> 1700000000 +0000';
  const commit = `tree ${tree}\nauthor ${who}\ncommitter ${who}\n\n${message}`;
  const sha = await run(['hash-object', '-w', '-t', 'commit', '--stdin'], commit);
  await run(['update-ref', 'refs/heads/main', sha]);
  return sha;
}
