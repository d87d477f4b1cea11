// The SQL of the security log: the only place that touches its tables.
import type { Insertable } from 'kysely';
import type { Db } from '../db/database.ts';
import type { AuditEventsTable } from '../db/schema.ts';

export async function insert(db: Db, row: Insertable<AuditEventsTable>): Promise<void> {
  await db.insertInto('audit_events').values(row).execute();
}
