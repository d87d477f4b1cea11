// Which node this process belongs to, and the key by which the node signs its log: made once, kept in DATA/keys,
// outside of the database. All processes of one data directory share both.
import { createSecretKey, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Node } from '../context.ts';

const KEY_BYTES = 32;

export function keysDirectory({ dataDirectory }: Pick<Config, 'dataDirectory'>): string {
  return join(dataDirectory, 'keys');
}

const fileOf = (config: Pick<Config, 'dataDirectory'>) => join(keysDirectory(config), 'audit-key.json');

/** Thrown when the file is there and of no use; its message is fit for the operator's eyes. */
export class NodeKeyError extends Error {
  override name = 'NodeKeyError';
}

/** The node of this data directory; made, when it is the first time. @throws NodeKeyError */
export async function openNode(config: Pick<Config, 'dataDirectory'>): Promise<Node> {
  return (await findNode(config)) ?? makeNode(config);
}

/** Null: there is none yet. @throws NodeKeyError */
export async function findNode(config: Pick<Config, 'dataDirectory'>): Promise<Node | null> {
  const file = fileOf(config);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new NodeKeyError(`The key of the security log, ${file}, can't be read (${code}).`);
  }
  const node = parse(text);
  if (node !== null) return node;
  throw new NodeKeyError(
    `The key of the security log, ${file}, is damaged: restore it from a backup, or move it away to begin another log.`,
  );
}

/** For looking only, where nothing is to be written: signs, but nobody knows the key. */
export function passingNode(): Node {
  return { id: '', key: createSecretKey(randomBytes(KEY_BYTES)) };
}

function parse(text: string): Node | null {
  try {
    const { node, key } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof node !== 'string' || typeof key !== 'string' || !/^[0-9a-f]{16}$/.test(node)) return null;
    const bytes = Buffer.from(key, 'base64');
    return bytes.length === KEY_BYTES ? { id: node, key: createSecretKey(bytes) } : null;
  } catch {
    return null;
  }
}

/** Several processes may start at the same time: the first one's is everybody's. */
async function makeNode(config: Pick<Config, 'dataDirectory'>): Promise<Node> {
  const directory = keysDirectory(config);
  const id = randomBytes(8).toString('hex');
  const unfinished = join(directory, `.audit-key-${id}`);
  const key = randomBytes(KEY_BYTES).toString('base64');
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeDurably(unfinished, `${JSON.stringify({ node: id, key })}\n`);
    await link(unfinished, fileOf(config)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(unfinished);
    await syncDirectory(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NodeKeyError(`The key of the security log can't be written to ${directory} (${code}).`);
  }
  const made = await findNode(config);
  if (made === null)
    throw new NodeKeyError(`The key of the security log has just vanished from ${directory}.`);
  return made;
}

/** Readable by its owner alone, and on the disk when this resolves. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
