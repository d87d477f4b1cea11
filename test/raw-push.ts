// A push as bytes, for what no client of git sends.

import { flushPkt, pktLine } from '../src/git/pkt-line.ts';
import { git } from '../src/process/git.ts';

const nothing = '0'.repeat(40);

export interface RawCommand {
  readonly from?: string;
  readonly to: string;
  /** A string is written as UTF-8. */
  readonly ref: string | Buffer;
}

/** The body of a request to receive-pack. @param pack empty: the push deletes only */
export function pushBody(
  commands: readonly RawCommand[],
  pack: Buffer,
  capabilities = 'report-status',
): Buffer {
  const lines = commands.map(({ from = nothing, to, ref }, index) => {
    const told = index === 0 ? `\0${capabilities}` : '';
    return pktLine(Buffer.concat([Buffer.from(`${from} ${to} `), Buffer.from(ref), Buffer.from(told)]));
  });
  return Buffer.concat([...lines, flushPkt, pack]);
}

export const pushHeaders = { 'content-type': 'application/x-git-receive-pack-request' } as const;

/** A pack of what these revisions lead to: `NAME`, `^NAME`. @param directory of a bare repository */
export async function packOf(directory: string, revisions: readonly string[]): Promise<Buffer> {
  const input = revisions.map((revision) => `${revision}\n`).join('');
  return (await git(['pack-objects', '--revs', '--stdout', '-q'], { repository: directory, input })).stdout;
}
