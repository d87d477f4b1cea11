// A bad line between a client and a server: hands on what the server sends in small portions, and the rest as it comes.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SlowProxy {
  readonly port: number;
  /** What has come from the server, over all connections. */
  readonly bytes: number;
  close(): void;
}

/** @param bytesPerSecond what a client gets at most */
export async function slowProxy(to: number, bytesPerSecond: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  let bytes = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = keep(connect({ port: to, host: '127.0.0.1', allowHalfOpen: true }));
    let timer: NodeJS.Timeout | undefined;
    keep(client).pipe(upstream);
    upstream.on('data', (piece) => {
      bytes += piece.length;
      client.write(piece);
      upstream.pause();
      timer = setTimeout(() => upstream.resume(), (piece.length / bytesPerSecond) * 1000);
    });
    upstream.on('end', () => client.end());
    upstream.on('close', () => {
      clearTimeout(timer);
      client.destroy();
    });
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get bytes() {
      return bytes;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
