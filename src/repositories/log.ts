// What the security log says of a repository: its name as it was then, and whose it was.
import type { AuditEvent } from '../audit/audit.ts';
import type { Db } from '../db/database.ts';
import type { Repository } from './repositories.ts';
import * as store from './store.ts';

type Named = Pick<Repository, 'id' | 'ownerId' | 'ownerLogin' | 'name'>;

/** The fields of an event that say which repository it was about, and which person or organisation owns it. */
export async function concerning(
  db: Db,
  { id, ownerId, ownerLogin, name }: Named,
): Promise<Pick<AuditEvent, 'repository' | 'user' | 'organization'>> {
  const owner = { id: ownerId, login: ownerLogin };
  const repository = { id, name: `${ownerLogin}/${name}` };
  return (await store.ownerKind(db, ownerId)) === 'organization'
    ? { repository, organization: owner }
    : { repository, user: owner };
}

/** For each field that differs, what it was and what it is. */
export function differences<T extends object>(
  before: T,
  after: T,
  fields: Readonly<Partial<Record<keyof T, string>>>,
): Readonly<Record<string, unknown>> {
  const changes: Record<string, unknown> = {};
  for (const [field, name] of Object.entries(fields) as [keyof T, string][]) {
    if (before[field] === after[field]) continue;
    changes[name] = after[field];
    changes[`${name}_was`] = before[field];
  }
  return changes;
}
