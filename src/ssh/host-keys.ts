// The server's own keys, by which clients know it again: made at the first start in DATA/keys, and kept.
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2, { type ParsedKey } from 'ssh2';
import { fingerprintOf } from '../keys/public-key.ts';
import { algorithms } from './algorithms.ts';

const { utils } = ssh2;

export interface HostKey {
  /** `ED25519`, as ssh shows it. */
  readonly kind: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** `TYPE BASE64`, as it stands in a client's `known_hosts`. */
  readonly publicKey: string;
  /** What the library is to be given: one for each algorithm that the key signs by here; none: not offered. */
  readonly signers: readonly ParsedKey[];
}

type Type = 'ed25519' | 'ecdsa' | 'rsa';

interface Kind {
  readonly kind: string;
  /** OpenSSH's name for such a file: its own server can take it over. */
  readonly file: string;
  readonly type: Type;
  readonly bits?: number;
}

const kinds: readonly Kind[] = [
  { kind: 'ED25519', file: 'ssh_host_ed25519_key', type: 'ed25519' },
  { kind: 'ECDSA', file: 'ssh_host_ecdsa_key', type: 'ecdsa', bits: 256 },
  { kind: 'RSA', file: 'ssh_host_rsa_key', type: 'rsa', bits: 3072 },
];

/** @param directory DATA/keys */
export async function hostKeys(directory: string): Promise<readonly HostKey[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return Promise.all(kinds.map((kind) => hostKey(directory, kind)));
}

async function hostKey(directory: string, { kind, file, type, bits }: Kind): Promise<HostKey> {
  const path = join(directory, file);
  let text = await readIfThere(path);
  if (text === null) {
    await make(path, type, bits);
    text = await readFile(path, 'utf8');
  }
  // It may have come from a backup.
  await chmod(path, 0o600);
  const key = utils.parseKey(text);
  if (key instanceof Error || Array.isArray(key)) {
    throw new Error(`${path} is not a private key that can be used: ${String(key)}`);
  }
  const blob = key.getPublicSSH();
  return {
    kind,
    fingerprint: fingerprintOf(blob),
    publicKey: `${key.type} ${blob.toString('base64')}`,
    signers: signersOf(key),
  };
}

/**
 * ssh2 offers every key that it is given, whatever its list of algorithms says. The ECDSA key is made, and kept, for
 * OpenSSH's own server (docs/ssh.md).
 */
function signersOf(key: ParsedKey): readonly ParsedKey[] {
  const names = key.type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [key.type];
  return names
    .filter((name) => (algorithms.serverHostKey as readonly string[]).includes(name))
    .map((name) => signingBy(key, name));
}

/**
 * A key under the name of one algorithm only: by its own name, an RSA key is offered with SHA-1 signatures too.
 */
function signingBy(key: ParsedKey, algorithm: string): ParsedKey {
  return Object.create(key, { type: { value: algorithm } }) as ParsedKey;
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** How often a key is made before it is given up: by chance, one in some three hundred is damaged. */
const MAX_MAKING = 10;

/** Makes a whole file or none; of several processes that start at once, the first one's key stays. */
async function make(path: string, type: Type, bits: number | undefined): Promise<void> {
  const text = await soundKey(() =>
    generate(type, { ...(bits === undefined ? {} : { bits }), comment: 'latchkey' }),
  );
  const unfinished = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(unfinished);
  }
}

const generate = promisify(utils.generateKeyPair) as unknown as (
  type: Type,
  options: { readonly bits?: number; readonly comment: string },
) => Promise<{ readonly private: string }>;

/**
 * The first private key that can be read again and that signs. ssh2 1.17 cuts a leading zero byte off some Ed25519
 * keys, which nothing can read then.
 * @throws when none is sound
 */
export async function soundKey(makeOne: () => Promise<{ readonly private: string }>): Promise<string> {
  for (let made = 0; made < MAX_MAKING; made++) {
    const { private: text } = await makeOne();
    if (isSound(text)) return text;
  }
  throw new Error('No sound host key could be made.');
}

function isSound(text: string): boolean {
  const key = utils.parseKey(text);
  if (key instanceof Error || Array.isArray(key)) return false;
  const probe = Buffer.from('latchkey');
  const signature: Buffer | Error = key.sign(probe);
  return !(signature instanceof Error) && key.verify(probe, signature) === true;
}
