// A server's life: what is opened in which order, and how all of it is closed again without losing a request.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { createRunning } from '../access/running.ts';
import { createSetupLink } from '../accounts/links.ts';
import { createSessionStore } from '../accounts/sessions.ts';
import { NodeKeyError, openNode } from '../audit/node.ts';
import { createReads } from '../audit/reads.ts';
import { createWitness } from '../audit/witness.ts';
import { type Config, sshUrlOf, urlOf } from '../config/config.ts';
import type { Context } from '../context.ts';
import { changeStamp } from '../db/changes.ts';
import { openDatabase } from '../db/database.ts';
import { writeSetting } from '../db/settings.ts';
import { createOperations } from '../git/operation.ts';
import { createDeliverer } from '../hooks/sending.ts';
import { createKeysLastUsed } from '../keys/last-used.ts';
import { rememberMail } from '../mail/notices.ts';
import { createOutbox } from '../mail/outbox.ts';
import { type Secret, systemRandom } from '../secrets/secret.ts';
import { hostKeys } from '../ssh/host-keys.ts';
import { createLastUsed } from '../tokens/last-used.ts';
import { createUseCounter, rememberCounting } from '../tokens/uses.ts';
import { tokenVerifier } from '../tokens/verifying.ts';
import { createApp } from './app.ts';
import { createFrontDoor, type Visits } from './front.ts';
import { flushAll, housekeeping } from './housekeeping.ts';
import { listen } from './listener.ts';
import { createMetrics } from './metrics.ts';
import { newRequestId } from './request-id.ts';
import { startSchedule } from './schedule.ts';
import { bindSsh, tellHostKeys } from './ssh.ts';
import { StartError } from './start-error.ts';
import { isStorageReady, requireOneFileSystem } from './storage.ts';
import { readTlsFiles } from './tls.ts';
import { verifyAgain } from './verify-again.ts';

export interface RunningServer {
  /** Where it answers: the configuration's, with the port that was taken. */
  readonly url: string;
  /** The link that makes the first account; null once there is one. */
  readonly setupLink: Secret | null;
  /** Reads certificate and key again. Wrong ones are logged, and the present ones stay. */
  reloadTls(): Promise<void>;
  /** Takes no new request, lets those in flight finish for at most 30 s, and closes everything. */
  stop(): Promise<void>;
}

/** @throws StartError, ConfigError or DatabaseTooNewError, with a sentence for the operator */
export async function startServer(configured: Config, log: Logger): Promise<RunningServer> {
  const tls = configured.tls === null ? null : await readTlsFiles(configured.tls);
  if (tls !== null && tls.validUntil < Date.now()) log.warn('the certificate has expired');
  const { listener, port } = await listen(configured, tls, () => newRequestId(systemRandom, Date.now()));
  const { server } = listener;
  // What was opened last is closed first.
  const closers: (() => unknown)[] = [() => server.close()];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.toReversed()) {
      try {
        await close();
      } catch (error) {
        log.error({ err: error }, 'closing failed');
      }
    }
  };
  try {
    const ssh = await bindSsh(configured, log);
    closers.push(() => ssh?.close());
    const config = atPorts(configured, port, ssh?.port ?? null);
    await makeDirectories(config);
    await requireOneFileSystem(config);
    const db = await openDatabaseOr(config);
    closers.push(() => db.destroy());
    const node = await openNodeOr(config);
    const ctx: Context = { config, db, now: Date.now, random: systemRandom, log, node };

    const visits: Visits = new WeakMap();
    const metrics = createMetrics();
    const lastUsed = createLastUsed(ctx);
    const uses = createUseCounter(ctx);
    const reads = createReads(ctx);
    const witness = createWitness(ctx);
    const sessions = createSessionStore(ctx);
    const verifier = tokenVerifier(ctx, { used: lastUsed.used, verified: metrics.verification });
    const running = createRunning({
      ...ctx,
      stamp: changeStamp(db),
      verifyAgain: verifyAgain(ctx),
    });
    const git = createOperations(ctx, {
      running,
      noteRead: reads.note,
      observer: { onProcess: metrics.gitProcesses, onOperation: metrics.gitOperation },
    });
    const keysLastUsed = createKeysLastUsed(ctx);
    const keys = ssh === null ? [] : await hostKeys(join(config.dataDirectory, 'keys'));
    const app = await createApp(ctx, {
      visits,
      metrics,
      verifier,
      sessions,
      uses,
      git,
      hostKeys: keys.filter(({ signers }) => signers.length > 0),
      serverFactory: () => server,
    });
    const notes = [lastUsed, keysLastUsed, uses, sessions];
    await rememberMail(ctx);
    await rememberCounting(ctx);
    const outbox = createOutbox(ctx);
    const deliverer = createDeliverer(ctx);
    const schedule = startSchedule(housekeeping(ctx, { notes, reads, outbox, witness, deliverer }), log);
    closers.push(
      () => witness.keep(),
      () => flushAll([...notes, reads]),
      schedule.stop,
      outbox.close,
      deliverer.close,
    );
    closers.push(
      () => app.close(),
      () => server.closeAllConnections(),
    );

    const door = createFrontDoor(ctx, {
      visits,
      metrics,
      isReady: async () => (await isStorageReady(config)) && (await isDatabaseReady(ctx)),
      next: app.routing,
    });
    const setupLink = await createSetupLink(ctx);
    await writeSetting(db, 'url', config.url);
    listener.open(door.handle, (fault, code, address) => {
      const id = newRequestId(ctx.random, ctx.now());
      log.info({ id, fault, code, address }, 'connection turned away');
      return id;
    });
    const sshServer = ssh?.serve(
      { ctx, operations: git, lastUsed: keysLastUsed },
      { hostKeys: keys, running, observer: metrics.ssh },
    );
    closers.push(() => sshServer?.stop(0));
    if (config.ssh !== null) tellHostKeys(log, config, keys);
    log.info({ host: config.listen.host, port, url: config.url }, 'listening');
    return {
      url: config.url,
      setupLink,
      reloadTls: async () => {
        if (config.tls === null) return;
        try {
          listener.setTls(await readTlsFiles(config.tls));
          log.info('the certificate was read again');
        } catch (error) {
          log.error({ err: error }, 'the new certificate is not used; the present one stays');
        }
      },
      stop: async () => {
        door.close();
        server.close();
        const sshStopped = sshServer?.stop(config.limits.stopMs);
        const deadline = Date.now() + config.limits.stopMs;
        while (door.open.size > 0 && Date.now() < deadline) {
          await onceAnyCloses(door.open, deadline - Date.now());
        }
        await sshStopped;
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/**
 * The configuration with the ports that the system chose, where any free ones were asked for.
 * @param sshPort null: SSH is not served
 */
function atPorts(config: Config, port: number, sshPort: number | null): Config {
  const tls = config.tls !== null;
  const listen = Object.freeze({ ...config.listen, port });
  const url = config.url === urlOf(config.listen, tls) ? urlOf(listen, tls) : config.url;
  const ssh =
    config.ssh === null || sshPort === null ? null : Object.freeze({ ...config.ssh, port: sshPort });
  const isDerived = config.ssh !== null && config.sshUrl === sshUrlOf(config.url, config.ssh.port);
  const derived = ssh === null ? null : sshUrlOf(url, ssh.port);
  return Object.freeze({ ...config, listen, url, ssh, sshUrl: isDerived ? derived : config.sshUrl });
}

async function makeDirectories(config: Config): Promise<void> {
  for (const directory of [config.dataDirectory, config.repositoriesDirectory, config.trashDirectory]) {
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new StartError(
        `The directory ${directory} can't be made (${code}): see to it that it can be written to.`,
      );
    }
  }
}

async function openDatabaseOr(config: Config): Promise<Context['db']> {
  try {
    return await openDatabase(config.databaseFile);
  } catch (error) {
    const { errcode, message } = error as { readonly errcode?: number; readonly message: string };
    if (errcode === undefined) throw error;
    throw new StartError(`The database ${config.databaseFile} can't be opened: ${message}.`, {
      cause: error,
    });
  }
}

async function openNodeOr(config: Config): Promise<Context['node']> {
  try {
    return await openNode(config);
  } catch (error) {
    if (error instanceof NodeKeyError) throw new StartError(error.message, { cause: error });
    throw error;
  }
}

async function isDatabaseReady(ctx: Context): Promise<boolean> {
  try {
    await ctx.db.selectFrom('settings').select('name').limit(1).execute();
    return true;
  } catch (error) {
    ctx.log.error({ err: error }, 'the database does not answer');
    return false;
  }
}

async function onceAnyCloses(open: ReadonlySet<NodeJS.EventEmitter>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    ...[...open].map((response) => new Promise<void>((resolve) => response.once('close', () => resolve()))),
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    }),
  ]);
  clearTimeout(timer);
}
