// A channel of ssh2 as git's runs need it: a stream that is destroyed when the channel is closed, that writes no faster
// than the client's network takes (ssh2 heeds the client's window only, which the client chooses), and of which the
// last words come through even while data wait for the window.
import type { Socket } from 'node:net';
import { Duplex, Writable } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import type { GitChannel } from '../git/channel.ts';

/**
 * What is needed of the library's inside; its version is fixed in package.json. It never gets more than the window
 * takes: of what it keeps for later, ssh2 1.17 sends standard error never once standard output has had to wait. For an
 * empty window it is asked to call back instead (its handler of CHANNEL_WINDOW_ADJUST).
 */
interface Inside {
  readonly outgoing: { readonly window: number; readonly state: string };
  _waitWindow: boolean;
  _chunkcb: (() => void) | undefined;
}

interface Waiting {
  readonly to: Writable;
  left: Buffer;
  readonly done: () => void;
}

export interface SshChannel extends GitChannel {
  /** Was its output dropped? */
  readonly isDropped: boolean;
  dropOutput(): void;
  /** Ends both streams. Resolves when all is handed to the network, or the client is gone. */
  sent(): Promise<void>;
}

/** @param socket of the connection that the channel is in */
export function gitChannel(channel: ServerChannel, socket: Socket): SshChannel {
  const inside = channel as unknown as Inside;
  let words: Waiting | null = null;
  let data: Waiting | null = null;
  let isDropped = false;

  /** Sends what waits, words first, until the client or its network takes no more for now. */
  const send = (): void => {
    for (let next = words ?? data; next !== null; next = words ?? data) {
      // The event `close` is on its way.
      if (inside.outgoing.state !== 'open') return;
      if (socket.writableNeedDrain) {
        socket.off('drain', send).once('drain', send);
        return;
      }
      if (inside.outgoing.window === 0) {
        inside._waitWindow = true;
        inside._chunkcb = send;
        return;
      }
      const piece = next.left.subarray(0, inside.outgoing.window);
      next.left = next.left.subarray(piece.length);
      next.to.write(piece);
      if (next.left.length > 0) continue;
      if (next === words) words = null;
      else data = null;
      next.done();
    }
  };

  const stderr = new Writable({
    write(left: Buffer, _encoding, done) {
      words = { to: channel.stderr, left, done };
      send();
    },
  });
  const stream = new Duplex({
    read() {
      channel.resume();
    },
    write(left: Buffer, _encoding, done) {
      if (isDropped) return done();
      data = { to: channel, left, done };
      send();
    },
    // What comes after the last piece, exit status and end, is the session's to send.
    final: (done) => done(),
  });
  channel.on('data', (piece: Buffer) => {
    if (!stream.push(piece)) channel.pause();
  });
  channel.on('end', () => stream.push(null));
  channel.on('error', (error: Error) => stream.destroy(error));
  channel.on('close', () => stream.destroy());
  // Broken by the client's leaving: that is told by the stream's end.
  stream.on('error', () => undefined);
  stderr.on('error', () => undefined);
  stream.once('close', () => {
    words = null;
    data = null;
    socket.off('drain', send);
    stderr.destroy();
  });
  const more = {
    stderr,
    dropOutput() {
      isDropped = true;
      const dropped = data;
      data = null;
      dropped?.done();
    },
    async sent() {
      await Promise.all([ended(stderr), ended(stream)]);
    },
  };
  return Object.defineProperty(Object.assign(stream, more), 'isDropped', {
    get: () => isDropped,
  }) as SshChannel;
}

function ended(stream: Writable): Promise<void> {
  if (stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('close', resolve);
    stream.end(resolve);
  });
}
