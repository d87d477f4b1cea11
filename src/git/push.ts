// The head of a push: the list of refs that it asks to change, read while it passes on its way to receive-pack
// (gitprotocol-pack(5), "Reference Update Request").
import { GitError, git } from '../process/git.ts';
import { createPktLineReader, type Pkt, PktLineError } from './pkt-line.ts';
import { BadInput } from './stops.ts';

/** A ref's name is bytes, of any encoding or none: here it has a character for each byte (`latin1`). */
export interface RefCommand {
  /** The object that the client believes the ref to name; all zeros: it makes the ref. */
  readonly from: string;
  /** All zeros: it deletes the ref. */
  readonly to: string;
  readonly ref: string;
}

/** A list longer than this is refused: a hundred thousand refs fit, memory stays bounded. */
const MAX_HEAD_BYTES = 16 * 1024 * 1024;

/** So many refs are asked for by their names; for more, all that there are are listed. */
const MAX_NAMED_REFS = 1000;
/** The list of more than a million refs. */
const MAX_LIST_BYTES = 128 * 1024 * 1024;

export interface PushHead {
  /** What was asked so far; in the order of the request. */
  readonly commands: readonly RefCommand[];
  /** What the client can do and asks for, by the first command (gitprotocol-capabilities(5)). */
  readonly capabilities: readonly string[];
  /**
   * Looks at the next piece of the body.
   * @throws BadInput
   */
  read(piece: Buffer): void;
  /** The body is over. @throws BadInput when its list of commands is not */
  end(): void;
}

export function createPushHead(): PushHead {
  const reader = createPktLineReader();
  const commands: RefCommand[] = [];
  const capabilities: string[] = [];
  let bytes = 0;
  let isWhole = false;

  function take(pkt: Pkt): boolean {
    if (pkt.kind !== 'data') {
      isWhole = true;
      return false;
    }
    const [line = '', told] = pkt.content.toString('latin1').split('\0', 2);
    if (told !== undefined && capabilities.length === 0) capabilities.push(...told.trim().split(' '));
    if (line.startsWith('push-cert')) {
      throw new BadInput(400, 'Signed pushes are not supported by this server: push without --signed.');
    }
    // git takes capital letters too.
    const [, from = '', to = '', ref = ''] =
      /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.+?)\n?$/is.exec(line) ?? [];
    // Other lines (`shallow …`) and malformed ones are for receive-pack to judge.
    if (ref !== '') commands.push({ from: from.toLowerCase(), to: to.toLowerCase(), ref });
    return true;
  }

  return {
    commands,
    capabilities,
    read(piece) {
      if (isWhole) return;
      bytes += piece.length;
      try {
        reader.read(piece, take);
      } catch (error) {
        if (error instanceof PktLineError) throw new BadInput(400, `Malformed request: ${error.message}.`);
        throw error;
      }
      if (!isWhole && bytes > MAX_HEAD_BYTES)
        throw new BadInput(413, 'The push changes too many refs at once.');
    },
    end() {
      if (!isWhole && bytes > 0)
        throw new BadInput(400, 'Malformed request: it ends within its list of refs.');
    },
  };
}

/** What is looked at of a request to upload-pack, all of which is pkt-lines. */
export interface FetchRequest {
  /** Does the client tell what it has? A clone has nothing. */
  readonly hasHaves: boolean;
  /** @throws BadInput */
  read(piece: Buffer): void;
  /** The body is over. @throws BadInput */
  end(): void;
}

export function createFetchRequest(): FetchRequest {
  const reader = createPktLineReader();
  let hasHaves = false;
  const look = (pkt: Pkt): boolean => {
    // Among megabytes of them the first is enough.
    hasHaves ||= pkt.kind === 'data' && pkt.content.subarray(0, 5).toString('latin1') === 'have ';
    return true;
  };
  return {
    get hasHaves() {
      return hasHaves;
    },
    read(piece) {
      try {
        reader.read(piece, look);
      } catch (error) {
        if (error instanceof PktLineError) throw new BadInput(400, `Malformed request: ${error.message}.`);
        throw error;
      }
    },
    end() {
      if (reader.isInsideLine()) throw new BadInput(400, 'Malformed request: it ends within a pkt-line.');
    },
  };
}

/**
 * Which of the commands took effect? Asks the repository, not the report: a client may not want a report, and a
 * push that was cut off may have changed some of its refs. Where that can't be told, all of them may have.
 * @returns them with the refs' names as text
 */
export async function changedRefs(
  repository: string,
  commands: readonly RefCommand[],
): Promise<readonly RefCommand[]> {
  const asked = commands.filter(({ from, to, ref }) => from !== to && isRefName(ref));
  if (asked.length === 0) return asked;
  // Other names can't be given as arguments.
  const isNamed = asked.length <= MAX_NAMED_REFS && asked.every(({ ref }) => /^[!-~]*$/.test(ref));
  const now = await refsOf(repository, isNamed ? asked.map(({ ref }) => ref) : []);
  return asked
    .filter(({ to, ref }) => now === null || (/^0+$/.test(to) ? !now.has(ref) : now.get(ref) === to))
    .map((command) => ({ ...command, ref: Buffer.from(command.ref, 'latin1').toString('utf8') }));
}

/** @param names none: all refs. @returns null where there are too many */
async function refsOf(
  repository: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string> | null> {
  const now = new Map<string, string>();
  try {
    const { stdout } = await git(['for-each-ref', '--format=%(objectname) %(refname)', '--', ...names], {
      repository,
      maxOutputBytes: MAX_LIST_BYTES,
    });
    for (const line of stdout.toString('latin1').split('\n')) {
      const [name = '', ref = ''] = line.split(' ', 2);
      now.set(ref, name);
    }
    return now;
  } catch (error) {
    if (error instanceof GitError && error.reason === 'too-much-output') return null;
    throw error;
  }
}

/** Names that git takes, and that mean only themselves as a pattern (git-check-ref-format(1)). */
function isRefName(ref: string): boolean {
  return ref.startsWith('refs/') && !/[^!-}\x80-\xff]|[\^:?*[\\]/.test(ref);
}
