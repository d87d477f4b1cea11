// The head of a push: the list of refs that it asks to change, read while it passes on its way to receive-pack
// (gitprotocol-pack(5), "Reference Update Request").
import { git } from '../process/git.ts';
import { createPktLineReader, type Pkt, PktLineError } from './pkt-line.ts';
import { BadInput } from './stops.ts';

export interface RefCommand {
  /** The object that the client believes the ref to name; all zeros: it makes the ref. */
  readonly from: string;
  /** All zeros: it deletes the ref. */
  readonly to: string;
  readonly ref: string;
}

/** A list longer than this is refused: a hundred thousand refs fit, memory stays bounded. */
const MAX_HEAD_BYTES = 16 * 1024 * 1024;

/** Of so many commands the refs are looked at afterwards, one by one; of more, only whether git was content. */
const MAX_CHECKED_REFS = 1000;

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
    const [line = '', told] = pkt.content.toString('utf8').split('\0', 2);
    if (told !== undefined && capabilities.length === 0) capabilities.push(...told.trim().split(' '));
    if (line.startsWith('push-cert')) {
      throw new BadInput(400, 'Signed pushes are not supported by this server: push without --signed.');
    }
    const command = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.+?)\n?$/s.exec(line);
    // Other lines (`shallow …`) and malformed ones are for receive-pack to judge.
    if (command !== null)
      commands.push({ from: command[1] ?? '', to: command[2] ?? '', ref: command[3] ?? '' });
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
 * push that was cut off may have changed some of its refs.
 * @param isSuccess did receive-pack end with status 0? It decides for pushes of very many refs
 */
export async function changedRefs(
  repository: string,
  commands: readonly RefCommand[],
  isSuccess: boolean,
): Promise<readonly RefCommand[]> {
  const asked = commands.filter(({ from, to, ref }) => from !== to && isPlainRef(ref));
  if (asked.length === 0) return asked;
  if (asked.length > MAX_CHECKED_REFS) return isSuccess ? asked : [];
  const { stdout } = await git(
    ['for-each-ref', '--format=%(objectname) %(refname)', '--', ...asked.map(({ ref }) => ref)],
    { repository },
  );
  const now = new Map<string, string>();
  for (const line of stdout.toString('utf8').split('\n')) {
    const [name = '', ref = ''] = line.split(' ', 2);
    now.set(ref, name);
  }
  return asked.filter(({ to, ref }) => (/^0+$/.test(to) ? !now.has(ref) : now.get(ref) === to));
}

/** Names that git takes and that mean only themselves as a pattern (git-check-ref-format(1)). */
function isPlainRef(ref: string): boolean {
  return ref.startsWith('refs/') && ref.length < 1024 && !/[\p{Cc} ~^:?*[\\]/u.test(ref);
}
