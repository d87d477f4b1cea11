// Moving refs through the API. Each is a push of its own, through receive-pack in the same turn, under the same checks,
// limits and hooks as one that comes over the wire, and is recorded as one. The old value is part of it: what somebody
// else changed meanwhile is not overwritten.
import { EventEmitter } from 'node:events';
import type { Actor } from '../access/actor.ts';
import type { Acting } from '../context.ts';
import type { Operations } from '../git/operation.ts';
import { createPktLineReader, flushPkt, pktLine } from '../git/pkt-line.ts';
import type { RepositoryFound } from '../repositories/repositories.ts';
import type { ObjectFormat } from '../repositories/storage.ts';
import { type NewObject, nullId, packOf } from './new-objects.ts';

export interface RefChange {
  /** In full: `refs/heads/main`. */
  readonly ref: string;
  /** Null: it must not be there yet. */
  readonly from: string | null;
  /** Null: it is removed. */
  readonly to: string | null;
  /** What `to` leads to and is not stored yet. */
  readonly objects?: readonly NewObject[];
}

export type RefOutcome =
  | { readonly ok: true }
  /** `reason`: git's, or of a hook: `failed to update ref`. Null: the objects were refused. */
  | { readonly ok: false; readonly reason: string | null };

export interface Pusher {
  readonly ctx: Acting;
  readonly actor: Actor;
  readonly target: RepositoryFound;
}

/** @throws PoolFullError or a Stop, as operations do */
export async function changeRef(
  operations: Operations,
  { ctx, actor, target }: Pusher,
  format: ObjectFormat,
  change: RefChange,
): Promise<RefOutcome> {
  const none = nullId(format);
  const command = `${change.from ?? none} ${change.to ?? none} ${change.ref}`;
  const head = pktLine(`${command}\0 report-status object-format=${format} agent=latchkey`);
  const pack = change.to === null ? [] : [packOf(format, change.objects ?? [])];
  const body = Buffer.concat([head, flushPkt, ...pack]);
  const { movedTo: _, ...found } = target;
  const operation = await operations.start({
    actor,
    by: ctx.by,
    target: found,
    service: 'receive-pack',
    version: 0,
    part: 'exchange',
    // Nobody can hang up on it: it is over in a moment, and a client that goes away does not undo it.
    connection: Object.assign(new EventEmitter(), { destroyed: false }),
    input: async function* ({ onPiece, onEnd }) {
      onPiece(body);
      yield body;
      onEnd();
    },
  });
  const report: Buffer[] = [];
  for await (const piece of operation.output) report.push(piece);
  return readReport(Buffer.concat(report));
}

/** gitprotocol-pack(5), "Report Status", without side-band. */
function readReport(report: Buffer): RefOutcome {
  const lines: string[] = [];
  createPktLineReader().read(report, (pkt) => {
    if (pkt.kind === 'data') lines.push(pkt.content.toString('utf8').trimEnd());
    return true;
  });
  if (lines[0] !== undefined && lines[0] !== 'unpack ok') return { ok: false, reason: null };
  const [, reason = null] =
    lines.map((line) => /^ng [^ ]+ (.*)$/.exec(line)).find((match) => match !== null) ?? [];
  if (reason !== null) return { ok: false, reason };
  return lines.some((line) => line.startsWith('ok ')) ? { ok: true } : { ok: false, reason: null };
}
