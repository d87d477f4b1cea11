// The report of a push, rewritten while it passes: refs that were refused at the gate get the reason that was found
// there, since git itself only knows that a hook declined (gitprotocol-pack(5), "Report Status"; both versions).
import type { Ruling } from './gate.ts';
import { createPktLineReader, pktLine } from './pkt-line.ts';
import { band, bandOf, bandPkt, mapPkts, type PktStep, wordsPkt } from './pkt-stream.ts';

export interface ReportOptions {
  /** In a session the refs that there are come first, up to the first mark. */
  readonly isSession: boolean;
  /** Null as long as nothing was refused. */
  readonly ruling: () => Ruling | null;
  /** Lines for people, said before the report of a push of which something was refused. */
  readonly advice: readonly string[];
}

/** What git says of a push that goes all or nothing, of the refs that are not to blame (receive-pack.c). */
const WITH_THE_OTHERS = 'atomic push failure';

export function rewriteReport(
  pieces: AsyncIterable<Buffer>,
  { isSession, ruling, advice }: ReportOptions,
): AsyncGenerator<Buffer, void, undefined> {
  let isAdvertisement = isSession;
  let isAdvised = false;
  /** Of a report that comes in a band, what is no whole line yet. */
  const inner = createPktLineReader();

  return mapPkts(pieces, (pkt, raw): PktStep => {
    if (isAdvertisement) {
      if (pkt.kind === 'flush') isAdvertisement = false;
      return { out: [raw] };
    }
    const present = ruling();
    if (present === null || pkt.kind !== 'data') return { out: [raw] };
    switch (bandOf(pkt)) {
      case band.data: {
        const lines: Buffer[] = [];
        inner.read(pkt.content.subarray(1), (line) => {
          lines.push(line.kind === 'data' ? reported(line.content, present) : Buffer.from('0000'));
          return true;
        });
        const said = isAdvised || present.isFault === true ? [] : advice.map((line) => wordsPkt(`${line}\n`));
        isAdvised = true;
        return { out: [...said, ...lines.map((line) => bandPkt(band.data, line))] };
      }
      case band.words:
        return { out: isOfTheGate(pkt.content.subarray(1).toString('latin1'), present) ? [] : [raw] };
      default:
        return { out: [reported(pkt.content, present)] };
    }
  });
}

/** A line of the report, with our reason where the gate refused. */
function reported(content: Buffer, { refused, isAll }: Ruling): Buffer {
  const [, ref = ''] = /^ng ([^ ]+) /.exec(content.toString('latin1')) ?? [];
  const reason = refused.get(ref) ?? (isAll && ref !== '' ? WITH_THE_OTHERS : null);
  if (reason === null) return pktLine(content);
  return pktLine(Buffer.concat([Buffer.from(`ng ${ref} `, 'latin1'), Buffer.from(`${reason}\n`)]));
}

/** Words of git about the hook that was ours: the report says it better. */
function isOfTheGate(words: string, { refused }: Ruling): boolean {
  const [, ref] = /^error: hook declined to update ([^ ]+)\n$/.exec(words) ?? [];
  return ref !== undefined && refused.has(ref);
}
