// Pkt-lines, the framing of every git protocol (gitprotocol-common(5)): four hexadecimal digits tell the length
// of a line, themselves included; 0000, 0001 and 0002 are marks without content.

/** The largest line, its four digits included. */
export const MAX_PKT_LINE = 65_520;

export const flushPkt = Buffer.from('0000');

/** One line with this content. */
export function pktLine(content: string): Buffer {
  const bytes = Buffer.from(content, 'utf8');
  const length = bytes.length + 4;
  if (length > MAX_PKT_LINE) throw new RangeError(`a pkt-line holds ${MAX_PKT_LINE - 4} bytes at most`);
  return Buffer.concat([Buffer.from(length.toString(16).padStart(4, '0')), bytes]);
}

/** Thrown at bytes that are no pkt-lines; its message is fit for whoever sent them. */
export class PktLineError extends Error {
  override name = 'PktLineError';
}

export type Pkt =
  | { readonly kind: 'flush' | 'delimiter' | 'response-end' }
  | { readonly kind: 'data'; readonly content: Buffer };

const marks: readonly Pkt[] = [{ kind: 'flush' }, { kind: 'delimiter' }, { kind: 'response-end' }];

/** Cuts a stream of bytes, however it arrives in pieces, into pkt-lines. Holds one line at most. */
export interface PktLineReader {
  /**
   * Takes the next piece and calls `onPkt` for each line that is whole by now. When `onPkt` gives false, reading
   * stops there, and what follows in the piece is given back.
   * @throws PktLineError
   */
  read(piece: Buffer, onPkt: (pkt: Pkt) => boolean): Buffer | null;
  /** Is a line begun that is not whole yet? */
  isInsideLine(): boolean;
}

export function createPktLineReader(): PktLineReader {
  let held: Buffer = Buffer.alloc(0);
  return {
    read(piece, onPkt) {
      let bytes = held.length === 0 ? piece : Buffer.concat([held, piece]);
      for (;;) {
        if (bytes.length < 4) break;
        const length = lengthOf(bytes);
        if (bytes.length < length) break;
        const pkt = length < 4 ? marks[length] : undefined;
        const size = Math.max(length, 4);
        const goesOn = onPkt(pkt ?? { kind: 'data', content: bytes.subarray(4, size) });
        bytes = bytes.subarray(size);
        if (!goesOn) {
          held = Buffer.alloc(0);
          return bytes;
        }
      }
      // A copy, so that a few bytes left over do not keep the whole piece in memory.
      held = Buffer.from(bytes);
      return null;
    },
    isInsideLine: () => held.length > 0,
  };
}

function lengthOf(bytes: Buffer): number {
  const digits = bytes.toString('latin1', 0, 4);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new PktLineError('a pkt-line does not begin with its length');
  const length = Number.parseInt(digits, 16);
  if (length === 3) throw new PktLineError('0003 is no pkt-line');
  if (length > MAX_PKT_LINE) throw new PktLineError(`a pkt-line is longer than ${MAX_PKT_LINE} bytes`);
  return length;
}
