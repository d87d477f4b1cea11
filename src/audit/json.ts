// A row of the security log as JSON, by the names of ghes-spec 12.1; the same for the API and for exports.
import type { Scope } from './search.ts';
import type { EventRow } from './store.ts';

/** The name of the one enterprise that an instance is, as it stands in addresses of the API. */
export const ENTERPRISE = 'latchkey';
export const ENTERPRISE_ID = 1;

export type EventJson = Readonly<Record<string, unknown>>;

/** Hashes of tokens are left out of exports (ghes-spec 12.2). */
export function eventJson(row: EventRow, scope: Scope, { hashes = true } = {}): EventJson {
  const { scopes, ...data } = dataOf(row);
  const hash = row.hashed_token ?? row.about_hashed_token;
  const shows = showsOrigin(row, scope);
  return compact({
    ...(hashes ? data : without(data, 'former_hashed_token')),
    '@timestamp': Number(row.at),
    created_at: Number(row.at),
    _document_id: documentId(row),
    action: row.action,
    operation_type: row.operation,
    actor: row.actor_login,
    actor_id: row.actor_id,
    actor_ip: shows.address ? row.address : null,
    actor_is_bot: false,
    user: row.user_login,
    user_id: row.user_id,
    org: row.organization_login,
    org_id: row.organization_id,
    business: ENTERPRISE,
    business_id: ENTERPRISE_ID,
    repo: row.repository_name,
    repository: row.repository_name,
    repository_id: row.repository_id,
    user_agent: shows.userAgent ? row.user_agent : null,
    request_id: row.request_id,
    token_id: row.token_id ?? row.about_token_id,
    token_scopes: scopeText(data.token_scopes ?? scopes),
    hashed_token: hashes && hash !== null ? Buffer.from(hash).toString('base64') : null,
  });
}

/**
 * May the reader know from where it came? Site admins always; a person for what they did themselves, and for what
 * nobody known did to them, such as failing to sign in; owners of an organisation never see its members' addresses
 * (GitHub's default).
 */
export function showsOrigin(
  row: Pick<EventRow, 'actor_id'>,
  scope: Scope,
): { readonly address: boolean; readonly userAgent: boolean } {
  switch (scope.kind) {
    case 'instance':
      return { address: true, userAgent: true };
    case 'organization':
      return { address: false, userAgent: true };
    case 'person': {
      const own = row.actor_id === null || row.actor_id === scope.accountId;
      return { address: own, userAgent: own };
    }
  }
}

/** What else belongs to the event. */
export function dataOf(row: Pick<EventRow, 'data'>): Readonly<Record<string, unknown>> {
  try {
    const data: unknown = JSON.parse(row.data);
    return typeof data === 'object' && data !== null && !Array.isArray(data)
      ? (data as Record<string, unknown>)
      : {};
  } catch {
    // Somebody has written to the table by hand: the doctor tells of it, and the list still shows the rest.
    return {};
  }
}

function documentId(row: Pick<EventRow, 'node' | 'number'>): string {
  return Buffer.from(`${row.node}:${row.number}`).toString('base64url');
}

function scopeText(scopes: unknown): unknown {
  return Array.isArray(scopes) ? scopes.join(',') : scopes;
}

function without(data: EventJson, name: string): EventJson {
  const { [name]: _, ...rest } = data;
  return rest;
}

/** Fields that an event doesn't have are left out, as GitHub leaves them. */
function compact(fields: EventJson): EventJson {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  );
}
