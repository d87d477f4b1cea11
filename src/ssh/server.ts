// The SSH server: lets in as many as there are places for, and ends what may not go on.
import { createServer, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { networkOf } from '../access/networks.ts';
import type { Running } from '../access/running.ts';
import type { ListenAddress } from '../config/config.ts';
import { algorithms } from './algorithms.ts';
import { type ConnectionTimes, defaultTimes, type ServedConnection, serveConnection } from './connection.ts';
import type { Door } from './door.ts';
import type { HostKey } from './host-keys.ts';
import type { SshObserver } from './observer.ts';
import { createPlaces, defaultPlaces, type PlaceLimits } from './places.ts';
import { tellSignatureAlgorithms } from './server-sig-algs.ts';

export interface SshServerOptions {
  readonly hostKeys: readonly HostKey[];
  readonly running: Running;
  readonly places?: PlaceLimits;
  readonly times?: ConnectionTimes;
  readonly observer?: SshObserver;
}

export interface SshServer {
  /** Takes no new connection, ends idle ones, and lets commands that run finish for at most this long. */
  stop(withinMs: number): Promise<void>;
}

/** A listener that is not served yet: whoever comes is turned away. */
export interface SshListener {
  /** The port that was taken. */
  readonly port: number;
  /** From now on, connections are served. */
  serve(door: Door, options: SshServerOptions): SshServer;
  close(): void;
}

const KEEPALIVE_MS = 30_000;

/** @throws the system's error when the address can't be listened on */
export async function listenForSsh({ host, port }: ListenAddress): Promise<SshListener> {
  let take: (socket: Socket) => void = (socket) => socket.destroy();
  const listener = createServer({ noDelay: true, keepAlive: true }, (socket) => take(socket));
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, host, () => {
      listener.off('error', reject);
      resolve();
    });
  });
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    serve(door, options) {
      listener.on('error', (error) => door.ctx.log.error({ err: error }, 'the SSH listener failed'));
      const server = serveSockets(door, options);
      take = server.take;
      return {
        stop: (withinMs) => {
          listener.close();
          return server.stop(withinMs);
        },
      };
    },
    close: () => {
      listener.close();
    },
  };
}

function serveSockets(
  door: Door,
  {
    hostKeys,
    running,
    places: limits = defaultPlaces,
    times = defaultTimes,
    observer = {},
  }: SshServerOptions,
): SshServer & { readonly take: (socket: Socket) => void } {
  const { log } = door.ctx;
  const places = createPlaces(limits);
  const sockets = new Set<Socket>();
  /** Those that have not begun to speak SSH. */
  const silent = new Set<Socket>();
  const connections = new Set<ServedConnection>();
  let isStopping = false;
  let onceEmpty: (() => void) | null = null;

  const protocol = new ssh2.Server({
    hostKeys: hostKeys.flatMap(({ signers }) => signers.map((key) => ({ key }))),
    algorithms,
    // Says nothing of versions.
    ident: 'Latchkey',
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: 3,
  });
  const waiting = new WeakMap<object, (connection: ssh2.Connection, client: string) => void>();
  protocol.on('connection', (connection: ssh2.Connection, { header }: ssh2.ClientInfo) => {
    tellSignatureAlgorithms(connection);
    // The library hands out no socket with the connection, but the connection holds it.
    const { _sock: socket } = connection as unknown as { readonly _sock: object };
    waiting.get(socket)?.(connection, header.versions.software ?? '');
  });

  const take = (socket: Socket): void => {
    const place = isStopping
      ? null
      : places.enter(networkOf(socket.remoteAddress ?? ''), () => socket.destroy());
    if (place === null) {
      log.info({ address: socket.remoteAddress }, 'an SSH connection found no place');
      socket.destroy();
      return;
    }
    sockets.add(socket);
    observer.onConnections?.(sockets.size);
    silent.add(socket);
    // Until there is a connection, whose own limit takes over.
    const greeting = setTimeout(() => socket.destroy(), times.signInMs);
    socket.once('close', () => {
      clearTimeout(greeting);
      place.leave();
      sockets.delete(socket);
      observer.onConnections?.(sockets.size);
      silent.delete(socket);
      if (sockets.size === 0) onceEmpty?.();
    });
    waiting.set(socket, (connection, client) => {
      clearTimeout(greeting);
      silent.delete(socket);
      const served = serveConnection(connection, {
        door,
        socket,
        place,
        times,
        running,
        observer,
        client: client.slice(0, 255),
        onChange: (changed) => {
          if (isStopping && !changed.isBusy) changed.end();
        },
      });
      connections.add(served);
      socket.once('close', () => connections.delete(served));
    });
    protocol.injectSocket(socket);
  };

  return {
    take,
    async stop(withinMs) {
      isStopping = true;
      for (const socket of silent) socket.destroy();
      for (const connection of connections) if (!connection.isBusy) connection.end();
      const { promise, resolve } = Promise.withResolvers<void>();
      if (sockets.size === 0) return;
      onceEmpty = resolve;
      const timer = setTimeout(() => {
        for (const connection of connections) connection.end();
      }, withinMs);
      await promise;
      clearTimeout(timer);
    },
  };
}
