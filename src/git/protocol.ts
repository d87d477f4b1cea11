// What a client says of the protocol before anything runs: which service it wants, and by which version.

export type Service = 'upload-pack' | 'receive-pack';

/** Reading out of a `service` parameter; null for anything else that git may offer (`git-upload-archive`). */
export function serviceNamed(name: unknown): Service | null {
  if (name === 'git-upload-pack') return 'upload-pack';
  return name === 'git-receive-pack' ? 'receive-pack' : null;
}

export type ProtocolVersion = 0 | 1 | 2;

const MAX_HEADER_LENGTH = 256;

/**
 * Reads the Git-Protocol header: entries joined by colons, each a key or `key=value` (gitprotocol-http(5),
 * git(1) GIT_PROTOCOL). As git does, the highest version known wins, and what is not known is passed over.
 * @returns null when the header is malformed. None of its text ever reaches a process: only the number does.
 */
export function protocolVersion(header: string | readonly string[] | undefined): ProtocolVersion | null {
  if (header === undefined) return 0;
  if (typeof header !== 'string' || header.length > MAX_HEADER_LENGTH) return null;
  let version: ProtocolVersion = 0;
  for (const entry of header.split(':')) {
    if (!/^[A-Za-z0-9._-]+(=[A-Za-z0-9._-]*)?$/.test(entry)) return null;
    if (entry === 'version=2') version = 2;
    else if (entry === 'version=1' && version === 0) version = 1;
  }
  return version;
}
