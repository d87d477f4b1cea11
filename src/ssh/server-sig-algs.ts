// Tells clients with what they may sign (RFC 8308 section 3.1, `server-sig-algs`). ssh2 1.17 sends a list of its own in
// which a comma is missing, so that it names neither rsa-sha2-512 nor the NIST curve P-521, and which offers SHA-1 and
// DSA. There is no option for it, so the packet is sent here, in the library's place; a test reads it off the wire.
import type { Connection } from 'ssh2';
import { signatureAlgorithms } from './algorithms.ts';

/** What is needed of the library's inside. Its version is fixed in package.json. */
interface Inside {
  readonly _protocol: {
    _onHandshakeComplete: (...negotiated: readonly unknown[]) => void;
    readonly _kex: { remoteExtInfoEnabled: boolean };
    readonly _packetRW: {
      readonly write: {
        readonly allocStart: number;
        alloc(bytes: number): Buffer;
        finalize(packet: Buffer): Buffer;
      };
    };
    readonly _cipher: { encrypt(packet: Buffer): void };
  };
}

const EXT_INFO = 7;

/** To be called as soon as the connection exists, before the handshake. */
export function tellSignatureAlgorithms(connection: Connection): void {
  const { _protocol: protocol } = connection as unknown as Inside;
  const complete = protocol._onHandshakeComplete;
  let isFirst = true;
  protocol._onHandshakeComplete = (...negotiated) => {
    const { _kex: kex, _packetRW: packets, _cipher: cipher } = protocol;
    if (isFirst && kex.remoteExtInfoEnabled) {
      // The library then sends none of its own.
      kex.remoteExtInfoEnabled = false;
      const message = extInfo();
      const packet = packets.write.alloc(message.length);
      message.copy(packet, packets.write.allocStart);
      cipher.encrypt(packets.write.finalize(packet));
    }
    isFirst = false;
    complete(...negotiated);
  };
}

function extInfo(): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(EXT_INFO);
  header.writeUInt32BE(1, 1);
  return Buffer.concat([header, text('server-sig-algs'), text(signatureAlgorithms.join(','))]);
}

function text(value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}
