// What a command sees of the world: its standard streams and environment, given to it so that tests can run any
// command inside their own process.
import type { Readable, Writable } from 'node:stream';
import { Secret } from '../secrets/secret.ts';
import { UsageError } from './failure.ts';

export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** No password or token is longer. */
const MAX_SECRET_BYTES = 4096;

/** What scripts read: one line on standard output. */
export function print(terminal: Terminal, line: string): void {
  terminal.stdout.write(`${line}\n`);
}

/** What people read beside it: one line on standard error. */
export function tell(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`);
}

export function printJson(terminal: Terminal, value: unknown): void {
  print(terminal, JSON.stringify(value, null, 2));
}

/**
 * The first line of standard input: the only way in which a command takes a secret, since arguments show in `ps`.
 * @param option the flag that asked for it, for the sentence when nothing comes
 * @throws UsageError
 */
export async function readSecretLine(terminal: Terminal, option: string): Promise<Secret> {
  if (terminal.stdin.isTTY === true) {
    throw new UsageError(
      `${option} reads a pipe or a file, so that the screen does not show it: … ${option} < FILE`,
    );
  }
  let text = '';
  for await (const chunk of terminal.stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > MAX_SECRET_BYTES) break;
  }
  const line = (text.split('\n', 1)[0] ?? '').replace(/\r$/, '');
  if (line === '') throw new UsageError(`${option} found nothing on standard input.`);
  if (line.length > MAX_SECRET_BYTES)
    throw new UsageError(`${option} takes one line of ${MAX_SECRET_BYTES} bytes at most.`);
  return new Secret(line);
}
