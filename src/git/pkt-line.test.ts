import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPktLineReader, flushPkt, MAX_PKT_LINE, type Pkt, PktLineError, pktLine } from './pkt-line.ts';

function read(pieces: readonly Buffer[]): { readonly pkts: Pkt[]; readonly isInsideLine: boolean } {
  const pkts: Pkt[] = [];
  const reader = createPktLineReader();
  for (const piece of pieces) reader.read(piece, (pkt) => pkts.push(pkt) > 0);
  return { pkts, isInsideLine: reader.isInsideLine() };
}

describe('pkt-lines', () => {
  it('are read as they were written, however they are cut', () => {
    const line = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(fc.array(fc.option(line)), fc.array(fc.nat(50), { maxLength: 20 }), (lines, cuts) => {
        let rest = Buffer.concat(lines.map((text) => (text === null ? flushPkt : pktLine(text))));
        const pieces: Buffer[] = [];
        for (const cut of cuts) {
          pieces.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        const { pkts, isInsideLine } = read([...pieces, rest]);
        expect(isInsideLine).toBe(false);
        expect(pkts.map((pkt) => (pkt.kind === 'data' ? pkt.content.toString() : null))).toEqual(lines);
      }),
    );
  });

  it('are nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          read([Buffer.from(bytes)]);
        } catch (error) {
          expect(error).toBeInstanceOf(PktLineError);
        }
      }),
    );
    for (const bad of ['zzzz', '0003', 'ffff', '00 4', '-001', '0x1f', 'PACK', '<htm', '\0\0\0\0']) {
      expect(() => read([Buffer.from(bad)]), bad).toThrow(PktLineError);
    }
  });

  it('stop where they are told to, and what follows is given back', () => {
    const reader = createPktLineReader();
    const rest = reader.read(
      Buffer.concat([pktLine('a'), flushPkt, Buffer.from('PACK…')]),
      ({ kind }) => kind === 'data',
    );
    expect(rest?.toString()).toBe('PACK…');
    expect(reader.isInsideLine()).toBe(false);
  });

  it('have a largest size', () => {
    expect(
      pktLine('x'.repeat(MAX_PKT_LINE - 4))
        .subarray(0, 4)
        .toString(),
    ).toBe('fff0');
    expect(() => pktLine('x'.repeat(MAX_PKT_LINE - 3))).toThrow(RangeError);
  });
});
