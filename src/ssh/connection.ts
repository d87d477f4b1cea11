// One connection of the SSH server: signing in, then commands, each in a session of its own. Nothing but these is
// ever granted: no shell, terminal, forwarding, subsystem or agent (ssh2 refuses what has no listener).
import type { Socket } from 'node:net';
import type { AcceptConnection, Connection, ServerChannel, Session } from 'ssh2';
import type { Running } from '../access/running.ts';
import { judgeAttempt } from './authentication.ts';
import { gitChannel, type SshChannel } from './channel.ts';
import { readCommand } from './command.ts';
import { type Door, serveCommand } from './door.ts';
import type { SshObserver } from './observer.ts';
import type { Place } from './places.ts';

export interface ConnectionTimes {
  /** Until a client has signed in. */
  readonly signInMs: number;
  /** Without a command running, after signing in. */
  readonly idleMs: number;
}

export const defaultTimes: ConnectionTimes = Object.freeze({ signInMs: 30_000, idleMs: 10 * 60_000 });

/** Attempts to sign in: an agent offers all the keys that somebody has, one by one. */
const MAX_ATTEMPTS = 20;
/** Commands at once in one connection, as OpenSSH's MaxSessions. */
const MAX_SESSIONS = 10;
/** In the whole life of a connection: the library remembers some of each. */
const MAX_SESSIONS_EVER = 10_000;
const MAX_GIT_PROTOCOL_LENGTH = 256;
/** After the last byte to a client that does not take it. */
const CLOSE_MS = 1_000;
/** For the client to take what it is told at the end, and to close its channel or connection thereupon. */
const LAST_WORDS_MS = 400;
/** For the last packet to a client whose key is no good any more: what is on its way to it is thrown away then. */
const CUT_MS = 50;
/** What ssh2 lets a client send ahead is 2 MiB a channel; who sends more does not heed it. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;
/** What waits to be sent to a client that asks for more and more without taking the answers. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

export interface ServedConnection {
  /** Null: nobody has signed in yet. */
  readonly keyId: number | null;
  /** Are commands running, or is a client being told how one ended? */
  readonly isBusy: boolean;
  /** Ends it at once, with all that runs in it. */
  end(): void;
}

export interface ConnectionParts {
  readonly door: Door;
  readonly socket: Socket;
  readonly place: Place;
  readonly times: ConnectionTimes;
  /** Looks after the key for as long as the connection lasts. */
  readonly running: Running;
  readonly observer: SshObserver;
  /** What the client calls itself. */
  readonly client: string;
  /** Called when a command is over, and when the connection is. */
  readonly onChange: (connection: ServedConnection) => void;
}

export function serveConnection(connection: Connection, parts: ConnectionParts): ServedConnection {
  const { door, socket, place, times, client, observer, onChange } = parts;
  const { log } = door.ctx;
  const address = socket.remoteAddress ?? null;
  let keyId: number | null = null;
  let attempts = 0;
  let running = 0;
  let sessions = 0;
  let sessionsEver = 0;
  const streams = new Set<SshChannel>();
  const channels = new Set<ServerChannel>();
  let isOver = false;
  let isWithdrawn = false;
  let release: (() => void) | null = null;
  const end = () => {
    connection.end();
    socket.destroySoon();
    // Who does not read would keep it for ever.
    setTimeout(() => socket.destroy(), CLOSE_MS).unref();
  };
  const cut = () => {
    connection.end();
    setTimeout(() => socket.resetAndDestroy(), CUT_MS).unref();
  };
  let timer = setTimeout(end, times.signInMs);
  const rest = () => {
    clearTimeout(timer);
    if (running > 0 || isOver) return;
    if (isWithdrawn) cut();
    else timer = setTimeout(end, times.idleMs);
  };
  /** The key is no good any more. What runs by it is ended elsewhere, and gets to say why. */
  const withdraw = () => {
    isWithdrawn = true;
    clearTimeout(timer);
    // An OpenSSH client that is told to disconnect does not print what it was told before, unless it has closed its
    // channel; so it gets the time for that.
    if (running === 0) cut();
    else setTimeout(cut, LAST_WORDS_MS).unref();
  };
  const served: ServedConnection = {
    get keyId() {
      return keyId;
    },
    get isBusy() {
      return running > 0;
    },
    end,
  };

  // Each session may wait for the socket to drain.
  socket.setMaxListeners(2 * MAX_SESSIONS + 20);
  socket.on('data', () => {
    const isFlooding = [...channels].some(({ readableLength }) => readableLength > MAX_UNREAD_BYTES);
    if (isFlooding || socket.writableLength > MAX_UNSENT_BYTES) socket.destroy();
  });
  connection.on('error', (error) => log.debug({ err: error, address }, 'an SSH connection broke'));
  const over = () => {
    if (isWithdrawn && !isOver)
      log.info({ keyId, address }, 'an SSH connection was ended: its key was withdrawn');
    isOver = true;
    clearTimeout(timer);
    release?.();
    // The library does not tell the channels.
    for (const stream of streams) stream.destroy();
    onChange(served);
  };
  // `end`: the client says no more, and the library can't write either from here on.
  connection.once('end', over).once('close', over);

  connection.on('authentication', async (attempt) => {
    try {
      if (++attempts > MAX_ATTEMPTS) return end();
      const judged = await judgeAttempt(door.ctx, attempt);
      if (isOver) return;
      if (judged.outcome === 'refused') {
        if (judged.kind !== null) observer.onAuthentication?.('refused', judged.kind);
        return attempt.reject(['publickey']);
      }
      if (judged.outcome === 'accepted') {
        const { credential } = judged;
        const { kind } = credential.actor;
        observer.onAuthentication?.('accepted', kind === 'deploy-key' ? kind : 'user-key');
        if (!place.signIn(credential.keyId)) return end();
        keyId = credential.keyId;
        // Who is suspended is to be told so, by the answer to a command.
        if (!credential.suspended) {
          release = parts.running.begin({ actor: credential.actor, mayGoOn: () => true, end: withdraw });
        }
        rest();
      }
      attempt.accept();
    } catch (error) {
      log.error({ err: error }, 'signing in by SSH failed');
      end();
    }
  });

  connection.on('session', (accept, reject) => {
    const isFull = sessions >= MAX_SESSIONS || ++sessionsEver > MAX_SESSIONS_EVER;
    if (isFull || isWithdrawn || keyId === null) return reject();
    sessions++;
    const session = accept();
    const closed = new Promise<void>((resolve) => {
      session.once('close', () => {
        sessions--;
        resolve();
      });
    });
    serveSession(session, keyId, closed);
  });

  /** @param closed when the client has closed its side */
  function serveSession(session: Session, key: number, closed: Promise<void>): void {
    let gitProtocol: string | undefined;
    session.on('env', (acceptEnv, rejectEnv, { key: name, val }) => {
      if (name !== 'GIT_PROTOCOL' || val.length > MAX_GIT_PROTOCOL_LENGTH) return rejectEnv?.();
      gitProtocol = val;
      acceptEnv?.();
    });
    const run = async (accept: AcceptConnection<ServerChannel>, command: string | null) => {
      // A session has one command only (RFC 4254 section 6.5): for another one the library has no channel.
      const channel = accept() as ServerChannel | undefined;
      if (channel === undefined) return;
      running++;
      clearTimeout(timer);
      const stream = gitChannel(channel, socket);
      streams.add(stream);
      channels.add(channel);
      let status = 1;
      try {
        const request = { keyId: key, command, gitProtocol, address, client };
        status = await serveCommand(door, request, stream);
      } catch (error) {
        log.error({ err: error }, 'a command over SSH failed');
        if (!isOver) stream.stderr.write('ERROR: Something went wrong on the server.\n');
      }
      await within(stream.sent(), stream.isDropped ? LAST_WORDS_MS : times.idleMs);
      if (!isOver) {
        channel.exit(status);
        channel.end();
        await within(closed, LAST_WORDS_MS);
      }
      stream.destroy();
      streams.delete(stream);
      channels.delete(channel);
      running--;
      observer.onSession?.(command === null ? 'shell' : (readCommand(command)?.service ?? 'other'));
      rest();
      onChange(served);
    };
    session.on('shell', (accept) => void run(accept, null));
    session.on('exec', (accept, _reject, { command }) => void run(accept, command));
  }

  return served;
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
