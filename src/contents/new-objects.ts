// Objects that the API makes, in git's own form, and the pack in which git takes them in (gitformat-pack(5)). Nothing
// is stored here: receive-pack and unpack-objects do that, with the checks that pushed objects go through.
import { hash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { ObjectFormat } from '../repositories/storage.ts';
import type { ObjectType } from './objects.ts';

export interface NewObject {
  readonly type: ObjectType;
  readonly sha: string;
  readonly bytes: Buffer;
}

/** @param format of the repository that the object is for */
export function newObject(format: ObjectFormat, type: ObjectType, content: Buffer | string): NewObject {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  const header = Buffer.from(`${type} ${bytes.length}\0`, 'latin1');
  return { type, bytes, sha: hash(format, Buffer.concat([header, bytes]), 'hex') };
}

/** The id that stands for "no object". */
export function nullId(format: ObjectFormat): string {
  return '0'.repeat(format === 'sha1' ? 40 : 64);
}

/** An entry of a tree; names are kept byte for byte, as Latin-1, since old ones need not be UTF-8. */
export interface TreeLine {
  /** Without leading zeros for directories: `40000`, as git writes it. */
  readonly mode: string;
  readonly sha: string;
}

export const DIRECTORY_MODE = '40000';

/** A tree object; entries in the order that git wants: directories as if their names ended with a slash. */
export function newTree(format: ObjectFormat, entries: ReadonlyMap<string, TreeLine>): NewObject {
  const key = ([name, { mode }]: readonly [string, TreeLine]) => (isDirectory(mode) ? `${name}/` : name);
  const sorted = [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const lines = sorted.flatMap(([name, { mode, sha }]) => [
    Buffer.from(`${mode} ${name}\0`, 'latin1'),
    Buffer.from(sha, 'hex'),
  ]);
  return newObject(format, 'tree', Buffer.concat(lines));
}

export function isDirectory(mode: string): boolean {
  return /^0?40000$/.test(mode);
}

/** Reads a whole tree object. @param idBytes how long an object's id is */
export function parseTreeLines(bytes: Buffer, idBytes: number): Map<string, TreeLine> {
  const entries = new Map<string, TreeLine>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const nul = bytes.indexOf(0, space);
    const end = nul + 1 + idBytes;
    if (space === -1 || nul === -1 || end > bytes.length) throw new Error('a stored tree is damaged');
    entries.set(bytes.toString('latin1', space + 1, nul), {
      mode: bytes.toString('latin1', at, space),
      sha: bytes.toString('hex', nul + 1, end),
    });
    at = end;
  }
  return entries;
}

export interface CommitParts {
  readonly tree: string;
  readonly parents: readonly string[];
  /** As they stand in an object: `Ann <ann@example.com> 1700000000 +0000`. */
  readonly author: string;
  readonly committer: string;
  readonly message: string;
  /** Armoured; kept, not checked. */
  readonly signature?: string;
}

export function newCommit(format: ObjectFormat, parts: CommitParts): NewObject {
  const field = format === 'sha1' ? 'gpgsig' : 'gpgsig-sha256';
  const signature =
    parts.signature === undefined ? [] : [`${field} ${parts.signature.trimEnd().replace(/\n/g, '\n ')}`];
  const lines = [
    `tree ${parts.tree}`,
    ...parts.parents.map((parent) => `parent ${parent}`),
    `author ${parts.author}`,
    `committer ${parts.committer}`,
    ...signature,
  ];
  return newObject(format, 'commit', `${lines.join('\n')}\n\n${parts.message}`);
}

export interface TagParts {
  readonly object: string;
  readonly type: string;
  readonly tag: string;
  readonly tagger: string;
  readonly message: string;
}

export function newTag(format: ObjectFormat, { object, type, tag, tagger, message }: TagParts): NewObject {
  const head = `object ${object}\ntype ${type}\ntag ${tag}\ntagger ${tagger}`;
  return newObject(format, 'tag', `${head}\n\n${message.endsWith('\n') ? message : `${message}\n`}`);
}

const packTypes: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** A pack of whole objects, without deltas. */
export function packOf(format: ObjectFormat, objects: readonly NewObject[]): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const body = objects.flatMap(({ type, bytes }) => [
    entryHeader(packTypes[type], bytes.length),
    deflateSync(bytes),
  ]);
  const pack = Buffer.concat([header, ...body]);
  return Buffer.concat([pack, hash(format, pack, 'buffer')]);
}

/** Type and size: four bits of the size first, then seven a byte, the lowest first. */
function entryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 0x0f);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.from([...bytes, byte]);
}
