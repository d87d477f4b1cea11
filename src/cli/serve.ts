// `latchkey serve`: the server, from start to its last request.
import { type Command, Option } from 'commander';
import { type Flags, loadConfig } from '../config/load.ts';
import type { RunningServer } from '../server/lifecycle.ts';
import type { Log } from '../server/logging.ts';
import { print, type Terminal } from './terminal.ts';

export function addServeCommand(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .description('run the server')
    .option('--data <dir>', 'where everything is kept (LATCHKEY_DATA; default ./data)')
    .option('--listen <host:port>', 'where to serve HTTP (LATCHKEY_LISTEN; default 127.0.0.1:3000)')
    .option('--url <url>', 'base of all links (LATCHKEY_URL; default from --listen)')
    .option(
      '--ssh-listen <host:port|off>',
      'where to serve SSH (LATCHKEY_SSH_LISTEN; default 127.0.0.1:2222)',
    )
    .option('--database <url>', 'sqlite:FILE (LATCHKEY_DATABASE_URL; default latchkey.db in --data)')
    .option('--repositories <dir>', 'where repositories are kept (LATCHKEY_REPOSITORIES; default in --data)')
    .option('--tls-cert <file>', 'certificate and its chain, PEM (LATCHKEY_TLS_CERT); read again on SIGHUP')
    .option('--tls-key <file>', 'its private key, PEM (LATCHKEY_TLS_KEY); read again on SIGHUP')
    .option(
      '--trust-proxy <cidr...>',
      'proxies that speak for clients (LATCHKEY_TRUST_PROXY, comma-separated)',
    )
    .option('--private-mode', 'show nothing to anonymous callers (LATCHKEY_PRIVATE_MODE)')
    .option('--json', 'print what there is to print as JSON')
    .addOption(new Option('--smtp-url <url>').hideHelp())
    .addHelpText(
      'after',
      `
Secrets are taken from the environment only: LATCHKEY_SMTP_URL, a LATCHKEY_DATABASE_URL with a password.

Examples:
  $ latchkey serve
  $ latchkey serve --data /var/lib/latchkey --listen 127.0.0.1:8080 --url https://git.example.com \\
      --trust-proxy 127.0.0.1
  $ latchkey serve --listen 0.0.0.0:443 --url https://git.example.com --tls-cert cert.pem --tls-key key.pem`,
    )
    .action(async (flags: Flags & { readonly json?: boolean }) => {
      await serve(flags, terminal);
    });
}

/** Runs until a signal ends it. */
async function serve(flags: Flags & { readonly json?: boolean }, terminal: Terminal): Promise<void> {
  const config = loadConfig(flags, terminal.env);
  // Loaded here, so that the other commands start without the weight of a server.
  const [{ startServer }, { createLog }] = await Promise.all([
    import('../server/lifecycle.ts'),
    import('../server/logging.ts'),
  ]);
  const log = createLog();
  endOnFaults(log);
  const ended = Promise.withResolvers<void>();
  let stopping = false;
  let server: RunningServer | null = null;
  const stop = (signal: string): void => {
    // Who asks twice does not want to wait.
    if (stopping) endNow(log, 1);
    stopping = true;
    log.logger.info({ signal }, 'stopping');
    if (server !== null) server.stop().then(ended.resolve, ended.reject);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => void server?.reloadTls());

  server = await startServer(config, log.logger);
  // A signal may have come while it started.
  if (stopping) server.stop().then(ended.resolve, ended.reject);
  else announce(server, terminal, flags.json === true);
  await ended.promise;
  log.logger.info('stopped');
  log.flush();
  // Nothing holds the process any more; should something do so by mistake, it ends all the same.
  setTimeout(() => process.exit(), 1_000).unref();
}

function announce({ url, setupLink }: RunningServer, terminal: Terminal, json: boolean): void {
  const link = setupLink?.expose() ?? null;
  if (json) {
    print(terminal, JSON.stringify({ url, setup_url: link }));
    return;
  }
  const lines = [
    `Latchkey is ready at ${url}`,
    ...(link === null ? [] : [`Make the first account: ${link}`]),
  ];
  // In one piece, so that who waits for the first line has both.
  print(terminal, lines.join('\n'));
}

/** What nobody caught leaves the process in an unknown state: it is logged, and a supervisor starts a new one. */
function endOnFaults(log: Log): void {
  const end = (error: unknown): void => {
    log.logger.fatal({ err: error }, 'an error that nobody caught');
    endNow(log, 1);
  };
  // Node's own printing of warnings would break the lines of JSON.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => log.logger.warn({ err: warning }, 'a warning of the runtime'));
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

function endNow(log: Log, status: number): never {
  log.flush();
  process.exit(status);
}
