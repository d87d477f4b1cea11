// What is said and logged beside the exchange itself, at the moment when its content begins to flow: the line about a
// token that expires soon, and the row of a fetch in the security log.
import type { Reads } from '../audit/reads.ts';
import type { Context } from '../context.ts';
import { concerning } from '../repositories/log.ts';
import { expiryLine, isInLastWeek } from '../tokens/git-line.ts';
import type { OperationRequest } from './operation.ts';
import { beforeFirstBand } from './pkt-stream.ts';

export type NoteRead = Reads['note'];

/** Over SSH an exchange is a session (observer.ts, `Part`). */
export function transportOf({ part }: Pick<OperationRequest, 'part'>): 'http' | 'ssh' {
  return part === 'session' ? 'ssh' : 'http';
}

/**
 * @param hasHaves did the client tell that it has something already? Asked when the answer's content begins
 * @returns the pieces, with the line where there is a band for it
 */
export function accompany(
  ctx: Context,
  noteRead: NoteRead,
  request: OperationRequest,
  hasHaves: () => boolean,
  pieces: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  const { actor, by, service, part, target } = request;
  if (part === 'advertisement' || actor.kind === 'anonymous') return pieces;
  const token = actor.kind === 'user' && actor.grant.kind === 'scopes' ? actor.grant : null;
  const isExpiring = token !== null && isInLastWeek(token, ctx.now());
  const isRead = service === 'upload-pack';
  if (!isExpiring && !isRead) return pieces;

  return beforeFirstBand(pieces, async (hasBands) => {
    try {
      if (isRead) {
        noteRead(by, {
          action: hasHaves() ? 'git.fetch' : 'git.clone',
          operation: 'access',
          ...(await concerning(ctx.db, target.repository)),
          data: { transport_protocol_name: transportOf(request) },
        });
      }
      if (!isExpiring || !hasBands || by.account === null) return null;
      return await expiryLine(ctx, { ...token, accountId: by.account.id });
    } catch (error) {
      // The exchange itself goes on.
      ctx.log.error({ err: error }, 'a fetch or the expiry of its token could not be noted');
      return null;
    }
  });
}
