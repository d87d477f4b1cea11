// A channel of ssh2 as git's runs need it: a stream that is destroyed when the channel is closed, and that writes no
// faster than the client's network takes. ssh2 heeds the client's window only, which the client chooses.
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import type { GitChannel } from '../git/channel.ts';

/** @param socket of the connection that the channel is in */
export function gitChannel(channel: ServerChannel, socket: Socket): GitChannel {
  const stream = new Duplex({
    read() {
      channel.resume();
    },
    write(piece: Buffer, _encoding, done) {
      channel.write(piece, (error) => {
        if (error != null || !socket.writableNeedDrain) done(error);
        else socket.once('drain', done);
      });
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
  return Object.assign(stream, { stderr: channel.stderr });
}
