// Looking at, and changing, what git sends to its client while it passes: line by line, in whatever pieces it comes.
import { type Pkt, PktLineError, pktLengthAt } from './pkt-line.ts';

/** The bands of a stream that carries several (gitprotocol-pack(5), "side-band"). */
export const band = { data: 1, words: 2, error: 3 } as const;

export interface PktStep {
  /** What is sent instead of the line. */
  readonly out: readonly Buffer[];
  /** Nothing further has to be looked at: the rest passes as it is. */
  readonly isLast?: boolean;
}

/**
 * Gives each line to `step`, and sends what that says. What are no lines, as a pack without a band, passes as it is
 * from there on.
 * @param onRaw called when what comes is no line
 */
export async function* mapPkts(
  pieces: AsyncIterable<Buffer>,
  step: (pkt: Pkt, raw: Buffer) => PktStep | Promise<PktStep>,
  onRaw: () => Promise<void> | void = () => undefined,
): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer = Buffer.alloc(0);
  let isOver = false;
  for await (const piece of pieces) {
    if (isOver) {
      yield piece;
      continue;
    }
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    const out: Buffer[] = [];
    let at = 0;
    try {
      while (!isOver && held.length - at >= 4) {
        const length = pktLengthAt(held, at);
        const end = at + Math.max(length, 4);
        if (held.length < end) break;
        const raw = held.subarray(at, end);
        const done = await step(asPkt(raw, length), raw);
        out.push(...done.out);
        isOver = done.isLast === true;
        at = end;
      }
    } catch (error) {
      if (!(error instanceof PktLineError)) throw error;
      isOver = true;
      await onRaw();
    }
    if (isOver) out.push(held.subarray(at));
    held = Buffer.from(held.subarray(isOver ? held.length : at));
    const whole = Buffer.concat(out);
    if (whole.length > 0) yield whole;
  }
  if (held.length > 0) yield held;
}

function asPkt(raw: Buffer, length: number): Pkt {
  if (length >= 4) return { kind: 'data', content: raw.subarray(4) };
  return { kind: length === 0 ? 'flush' : length === 1 ? 'delimiter' : 'response-end' };
}

/** Lines of text for people, as git shows them after `remote:`. */
export function wordsPkt(text: string): Buffer {
  return bandPkt(band.words, Buffer.from(text));
}

export function bandPkt(which: number, content: Buffer): Buffer {
  const length = (content.length + 5).toString(16).padStart(4, '0');
  return Buffer.concat([Buffer.from(length), Buffer.from([which]), content]);
}

/** Which band a line is of; null for a line without a band, or a mark. */
export function bandOf(pkt: Pkt): number | null {
  const first = pkt.kind === 'data' ? pkt.content[0] : undefined;
  return first === band.data || first === band.words || first === band.error ? first : null;
}

/**
 * Calls `words` once, when the first line of a band is about to be sent, or a pack without one, and sends what it
 * gives before that. In an advertisement there is none of either; from there on nothing is looked at any more.
 */
export function beforeFirstBand(
  pieces: AsyncIterable<Buffer>,
  words: (hasBands: boolean) => Promise<string | null>,
): AsyncGenerator<Buffer, void, undefined> {
  return mapPkts(
    pieces,
    async (pkt, raw) => {
      if (bandOf(pkt) === null) return { out: [raw] };
      const text = await words(true);
      return { out: text === null ? [raw] : [wordsPkt(`${text}\n`), raw], isLast: true };
    },
    async () => void (await words(false)),
  );
}
