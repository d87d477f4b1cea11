// Pkt-lines, the framing of every git protocol (gitprotocol-common(5)): four hexadecimal digits tell the length
// of a line, themselves included; 0000, 0001 and 0002 are marks without content.

/** The largest line, its four digits included. */
export const MAX_PKT_LINE = 65_520;

export const flushPkt = Buffer.from('0000');

/** One line with this content. */
export function pktLine(content: string | Buffer): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
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

const nothing: Buffer = Buffer.alloc(0);

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
  let held = nothing;
  return {
    read(piece, onPkt) {
      const bytes = held.length === 0 ? piece : Buffer.concat([held, piece]);
      let at = 0;
      while (bytes.length - at >= 4) {
        const length = pktLengthAt(bytes, at);
        if (bytes.length - at < length) break;
        const end = at + Math.max(length, 4);
        const goesOn = onPkt(marks[length] ?? { kind: 'data', content: bytes.subarray(at + 4, end) });
        at = end;
        if (!goesOn) {
          held = nothing;
          return bytes.subarray(at);
        }
      }
      // A copy, so that a few bytes left over do not keep the whole piece in memory.
      held = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at));
      return null;
    },
    isInsideLine: () => held.length > 0,
  };
}

/** The length that four digits tell: 0, 1 and 2 for a mark, more than 3 for a line. @throws PktLineError */
export function pktLengthAt(bytes: Buffer, at: number): number {
  let length = 0;
  for (let i = at; i < at + 4; i++) length = length * 16 + digit(bytes[i] ?? 0);
  if (length === 3) throw new PktLineError('0003 is no pkt-line');
  if (length > MAX_PKT_LINE) throw new PktLineError(`a pkt-line is longer than ${MAX_PKT_LINE} bytes`);
  return length;
}

function digit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x57;
  throw new PktLineError('a pkt-line does not begin with its length');
}
