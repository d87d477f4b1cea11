// `latchkey ssh`: for those who let OpenSSH's server answer instead of the built-in one (docs/ssh.md). It asks
// `authorized-keys` about each key that somebody offers, and runs `serve` for whoever proves to hold one.
import { resolve } from 'node:path';
import { Duplex } from 'node:stream';
import type { Command } from 'commander';
import { credentialOfKey } from '../keys/credentials.ts';
import { type CommonOptions, command, withContext } from './context.ts';
import { ExitStatus, UsageError } from './failure.ts';
import { readId } from './key.ts';
import { print, type Terminal } from './terminal.ts';

export function addSshCommand(program: Command, terminal: Terminal): void {
  const ssh = program.command('ssh').description('serve SSH through OpenSSH (see docs/ssh.md)');
  addAuthorizedKeys(ssh, terminal);
  addServe(ssh, terminal);
}

interface AuthorizedKeysOptions extends CommonOptions {
  readonly command?: string;
}

function addAuthorizedKeys(parent: Command, terminal: Terminal): void {
  command(
    parent,
    'authorized-keys <type> <base64>',
    "for sshd_config's AuthorizedKeysCommand: print the line for a key that is known, or nothing",
    ['latchkey ssh authorized-keys ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…'],
  )
    .option('--command <words>', 'what the forced command begins with (default: this program)')
    .action(async (type: string, base64: string, options: AuthorizedKeysOptions) => {
      const blob = Buffer.from(base64, 'base64');
      const known = await withContext(terminal, options, (ctx) => credentialOfKey(ctx, blob));
      if (known === null || known.key !== `${type} ${base64}`) return;
      const words = options.command ?? [process.execPath, process.argv[1] ?? ''].map(shellWord).join(' ');
      const data = options.data === undefined ? [] : ['--data', shellWord(resolve(options.data))];
      const database = options.database === undefined ? [] : ['--database', shellWord(options.database)];
      const forced = [words, 'ssh serve --key', known.keyId, ...data, ...database].join(' ');
      print(terminal, `restrict,command="${forced.replaceAll('"', '\\"')}" ${known.key}`);
    });
}

/** As a POSIX shell reads it: sshd hands the forced command to one. */
function shellWord(text: string): string {
  if (/[\n\r]/.test(text))
    throw new UsageError('a path with a line break can stand in no authorized_keys line.');
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function addServe(parent: Command, terminal: Terminal): void {
  command(
    parent,
    'serve',
    'the forced command: serve what SSH_ORIGINAL_COMMAND asks for, to the holder of a key',
    ['latchkey ssh serve --key 4'],
  )
    .requiredOption('--key <id>', 'the key that the client proved to hold')
    .action(async (options: CommonOptions & { readonly key: string }) => {
      const keyId = readId(options.key);
      const exit = await withContext(terminal, options, async (ctx) => {
        // Loaded here, so that the other commands start without their weight.
        const { openDoor } = await import('../server/ssh-door.ts');
        const door = openDoor(ctx);
        const channel = standardStreams(terminal);
        const { SSH_ORIGINAL_COMMAND: original, SSH_CONNECTION: connection } = terminal.env;
        const request = {
          keyId,
          command: original ?? null,
          gitProtocol: terminal.env.GIT_PROTOCOL,
          // `client-address client-port server-address server-port` (ssh(1)).
          address: connection?.split(' ')[0] ?? null,
          client: null,
        };
        const status = await door.serve(request, channel);
        await new Promise<void>((done) => {
          if (channel.destroyed) return done();
          channel.once('close', done);
          channel.end(done);
        });
        channel.destroy();
        await door.close();
        return status;
      });
      throw new ExitStatus(exit);
    });
}

/** Standard input and output as one channel, closed as soon as the client is gone. */
function standardStreams(terminal: Terminal) {
  const { stdin, stdout, stderr } = terminal;
  // Elsewhere a reader that has gone ends the program; here git is to be ended first.
  stdout.removeAllListeners('error');
  const stream = new Duplex({
    read: () => void stdin.resume(),
    write: (piece, _encoding, done) => void stdout.write(piece, done),
    final: (done) => done(),
  });
  stdin.on('data', (piece) => {
    if (!stream.push(piece)) stdin.pause();
  });
  stdin.on('end', () => stream.push(null));
  for (const end of [stdin, stdout]) end.on('error', () => stream.destroy());
  stream.on('close', () => stdin.destroy());
  stream.on('error', () => undefined);
  return Object.assign(stream, { stderr });
}
