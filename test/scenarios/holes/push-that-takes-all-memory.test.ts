// Sixteen kilobytes of a push made git hold gigabytes in memory: copies of copies of nothing, as one object.
import { createHash, hash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pushBody, pushHeaders } from '../../raw-push.ts';
import { startServer } from '../server.ts';

const COPIES = 48;
const LENGTH = 0xff_ff_ff;
const kinds = { commit: 1, tree: 2, blob: 3, difference: 7 } as const;

describe('A push of an object that is small only on its way', () => {
  // The second form is kept as a pack, the first is taken apart.
  it.each([0, 30])('is refused before git holds it (%i objects beside it)', async (others) => {
    await using server = await startServer();
    await server.person('eve');
    await server.repository('eve', 'plans', 'private');
    const { pack, commit } = bomb(others);
    expect(pack.length).toBeLessThan(30_000);
    const answer = await server.fetch('/eve/plans.git/git-receive-pack', {
      method: 'POST',
      token: await server.token('eve', ['repo']),
      headers: pushHeaders,
      body: new Uint8Array(
        pushBody([{ to: commit, ref: 'refs/heads/main' }], pack, 'report-status side-band-64k'),
      ),
    });
    const said = await answer.text();
    expect(said).toContain('attempting to allocate');
    expect(said).toContain('ng refs/heads/main unpacker error');
  });
});

/** gitformat-pack(5). */
function bomb(others: number): { readonly pack: Buffer; readonly commit: string } {
  const part = Buffer.alloc(LENGTH);
  const [partId, wholeId] = [idOf('blob', [part]), idOf('blob', Array<Buffer>(COPIES).fill(part))];
  const copy = Buffer.from([0x80 | 0x70, 0xff, 0xff, 0xff]);
  const copies = Array<Buffer>(COPIES).fill(copy);
  const difference = Buffer.concat([varint(LENGTH), varint(LENGTH * COPIES), ...copies]);
  const tree = Buffer.concat([Buffer.from('100644 a\0'), partId, Buffer.from('100644 b\0'), wholeId]);
  const who = 'Eve <eve@example.com> 1700000000 +0000';
  const commit = Buffer.from(
    `tree ${idOf('tree', [tree]).toString('hex')}\nauthor ${who}\ncommitter ${who}\n\nx\n`,
  );
  const objects = [
    entry('blob', part),
    Buffer.concat([head('difference', difference.length), partId, deflateSync(difference)]),
    entry('tree', tree),
    entry('commit', commit),
    ...Array.from({ length: others }, (_, at) => entry('blob', Buffer.from(`beside ${at}`))),
  ];
  const begin = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  begin.writeUInt32BE(objects.length, 8);
  const bytes = Buffer.concat([begin, ...objects]);
  const pack = Buffer.concat([bytes, hash('sha1', bytes, 'buffer')]);
  return { pack, commit: idOf('commit', [commit]).toString('hex') };
}

function idOf(type: string, pieces: readonly Buffer[]): Buffer {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const digest = createHash('sha1').update(`${type} ${length}\0`);
  for (const piece of pieces) digest.update(piece);
  return digest.digest();
}

function entry(type: keyof typeof kinds, content: Buffer): Buffer {
  return Buffer.concat([head(type, content.length), deflateSync(content)]);
}

function head(type: keyof typeof kinds, length: number): Buffer {
  const rest = Math.floor(length / 16);
  const first = (kinds[type] << 4) | (length % 16);
  return rest === 0 ? Buffer.from([first]) : Buffer.concat([Buffer.from([first | 0x80]), varint(rest)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 0x80);
  }
}
