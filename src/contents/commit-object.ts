// A commit as it is stored, read leniently: histories imported from elsewhere hold odd names, dates and encodings,
// and none of them may keep the others from being shown.

import { asText } from './reading.ts';
import { withoutTrailing } from './trim.ts';

export interface Signatory {
  readonly name: string;
  readonly email: string;
  /** Milliseconds since 1970; 0 where the stored one is no date. */
  readonly date: number;
  /** Minutes east of UTC in which it was written. */
  readonly zoneMinutes: number;
}

export interface Commit {
  readonly sha: string;
  readonly treeSha: string;
  readonly parents: readonly string[];
  readonly author: Signatory;
  readonly committer: Signatory;
  /** Without trailing newlines. */
  readonly message: string;
  /** The signature as stored (OpenPGP, SSH or X.509, armoured), and what it signs; null when not signed. */
  readonly signature: { readonly text: string; readonly payload: string } | null;
}

const nobody: Signatory = { name: '', email: '', date: 0, zoneMinutes: 0 };

/** Reads a commit object; what is missing or broken comes out empty. */
export function parseCommit(sha: string, bytes: Buffer): Commit {
  const blank = bytes.indexOf('\n\n');
  const head = blank === -1 ? bytes : bytes.subarray(0, blank);
  const headers = parseHeaders(head);
  const header = (name: string) => headers.find((candidate) => candidate.name === name)?.value;
  const decode = decoderFor(header('encoding')?.toString('latin1').trim());
  const signature = headers.find(({ name }) => name === 'gpgsig' || name === 'gpgsig-sha256');
  const author = parseSignatory(header('author'), decode);
  return {
    sha,
    treeSha: header('tree')?.toString('latin1') ?? '',
    parents: headers.filter(({ name }) => name === 'parent').map(({ value }) => value.toString('latin1')),
    author,
    committer: header('committer') === undefined ? author : parseSignatory(header('committer'), decode),
    message: withoutTrailing(decode(blank === -1 ? Buffer.alloc(0) : bytes.subarray(blank + 2)), '\n'),
    signature:
      signature === undefined
        ? null
        : {
            text: signature.value.toString('latin1'),
            payload: asText(
              Buffer.concat([bytes.subarray(0, signature.start), bytes.subarray(signature.end)]),
            ),
          },
  };
}

interface Header {
  readonly name: string;
  /** Lines of a folded value joined by newlines. */
  readonly value: Buffer;
  /** Where its lines begin and end in the object. */
  readonly start: number;
  readonly end: number;
}

export function parseHeaders(head: Buffer): readonly Header[] {
  const headers: { name: string; lines: Buffer[]; start: number; end: number }[] = [];
  for (let start = 0; start < head.length; ) {
    const newline = head.indexOf('\n', start);
    const end = newline === -1 ? head.length : newline;
    const line = head.subarray(start, end);
    const last = headers.at(-1);
    if (line[0] === 0x20 && last !== undefined) {
      last.lines.push(line.subarray(1));
      last.end = end + 1;
    } else {
      const space = line.indexOf(' ');
      const cut = space === -1 ? line.length : space;
      headers.push({
        name: line.toString('latin1', 0, cut),
        lines: [line.subarray(cut + 1)],
        start,
        end: end + 1,
      });
    }
    start = end + 1;
  }
  return headers.map(({ name, lines, start, end }) => ({
    name,
    value: Buffer.from(lines.map((line) => line.toString('latin1')).join('\n'), 'latin1'),
    start,
    end,
  }));
}

export function parseSignatory(value: Buffer | undefined, decode: (bytes: Buffer) => string): Signatory {
  if (value === undefined) return nobody;
  const text = decode(value);
  const open = text.indexOf('<');
  const close = text.lastIndexOf('>');
  if (open === -1 || close < open) return { ...nobody, name: text.trim() };
  const [, seconds = '0', sign = '+', hours = '00', minutes = '00'] =
    /^ *(-?\d{1,20})(?: +([+-])(\d{2})(\d{2}))?/.exec(text.slice(close + 1)) ?? [];
  const date = Number(seconds) * 1000;
  const zone = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return {
    name: text.slice(0, open).trim(),
    email: text.slice(open + 1, close).trim(),
    date: Number.isNaN(new Date(date).getTime()) ? 0 : date,
    zoneMinutes: Math.abs(zone) <= 24 * 60 ? zone + 0 : 0,
  };
}

/** A decoder for the commit's `encoding` header; UTF-8 where there is none or an unknown one. */
function decoderFor(encoding: string | undefined): (bytes: Buffer) => string {
  if (encoding === undefined) return asText;
  try {
    const decoder = new TextDecoder(encoding);
    return (bytes) => decoder.decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return asText;
    throw error;
  }
}
