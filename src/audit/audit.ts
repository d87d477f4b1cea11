// The security log: what was changed, by whom, with which credential and from where (ghes-spec 12.1). A change is
// logged in the transaction that makes it, so that neither can be without the other.
import type { Acting, Context, Doer, DoersCredential, Node } from '../context.ts';
import type { Db } from '../db/database.ts';
import type { AuditEventsTable } from '../db/schema.ts';
import { genesis, macOf, type SealedColumns, signHead } from './chain.ts';
import * as store from './store.ts';

export type Operation = AuditEventsTable['operation'];

/** What happened; who did it comes from the context. */
export interface AuditEvent {
  /** `oauth_access.create` (ghes-spec 12.1). */
  readonly action: string;
  readonly operation: Operation;
  /** The person whom it concerns. Left out where there is a repository: then it is the one who owns it. */
  readonly user?: { readonly id: number; readonly login: string };
  /** The same for organisations. */
  readonly organization?: { readonly id: number; readonly login: string };
  /** `name`: `owner/name`. */
  readonly repository?: { readonly id: number; readonly name: string };
  /** The token that it is about, which is not the one by which it was done. `hash`: SHA-256 of it. */
  readonly token?: { readonly id: number; readonly hash: Uint8Array };
  /** Further fields of this action, by the names of ghes-spec 12.1. Never a secret. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Logs a change. @param db the transaction that makes the change */
export async function record(ctx: Acting, db: Db, event: AuditEvent): Promise<void> {
  await recordAt(ctx, db, ctx.by, ctx.now(), event);
}

/** Logs what was done at another moment than now. @param at milliseconds since 1970 */
export async function recordAt(
  { node }: Pick<Context, 'node'>,
  db: Db,
  by: Doer,
  at: number,
  event: AuditEvent,
): Promise<void> {
  if (!db.isTransaction) throw new Error('What is logged goes with what it tells of, in one transaction.');
  const owner =
    event.repository === undefined || event.organization !== undefined
      ? null
      : await store.ownerOf(db, event.repository.id);
  const organization = event.organization ?? (owner?.kind === 'organization' ? owner : null);
  const user = event.user ?? (owner?.kind === 'user' ? owner : null);
  const { number, previous } = await place(db, node);
  const columns: SealedColumns = {
    node: node.id,
    number,
    at,
    action: event.action,
    operation: event.operation,
    actor_id: by.account?.id ?? null,
    actor_login: by.account?.login ?? null,
    user_id: user?.id ?? null,
    user_login: user?.login ?? null,
    organization_id: organization?.id ?? null,
    organization_login: organization?.login ?? null,
    repository_id: event.repository?.id ?? null,
    repository_name: event.repository?.name ?? null,
    token_id: by.credential.kind === 'token' ? by.credential.tokenId : null,
    hashed_token: by.credential.kind === 'token' ? by.credential.hash : null,
    about_token_id: event.token?.id ?? null,
    about_hashed_token: event.token?.hash ?? null,
    address: by.address,
    user_agent: by.userAgent === null ? null : storable(by.userAgent),
    request_id: by.requestId,
    data: JSON.stringify({ ...credentialData(by.credential), ...event.data }),
  };
  const mac = macOf(node, previous, columns);
  await store.append(db, { ...columns, mac }, signHead(node, { number, mac }));
}

async function place(
  db: Db,
  node: Node,
): Promise<{ readonly number: number; readonly previous: Uint8Array }> {
  const taken = await store.takeNumber(db, node.id);
  if (taken !== null) return taken;
  const mac = genesis(node);
  await store.beginChain(db, node.id, mac, signHead(node, { number: 0, mac }));
  const first = await store.takeNumber(db, node.id);
  if (first === null) throw new Error('The chain of the security log could not be begun.');
  return first;
}

/** What every database gives back as it was: the hash of the row has to fit what is read again. */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** What the log says of other credentials than tokens. */
function credentialData(credential: DoersCredential): Readonly<Record<string, unknown>> {
  switch (credential.kind) {
    case 'token':
      return credential.application === undefined
        ? { programmatic_access_type: 'Personal access token (classic)' }
        : {
            programmatic_access_type: 'OAuth access token',
            oauth_application_name: credential.application,
          };
    case 'key':
    case 'deploy-key':
      return { key_id: credential.keyId };
    case 'application':
      return { via: 'client credentials', oauth_application_name: credential.name };
    case 'operator':
      return { via: 'command line' };
    case 'latchkey':
      return { via: 'latchkey' };
    case 'session':
    case 'none':
      return {};
  }
}
