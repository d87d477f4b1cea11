// The security log.
import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

export const audit: Migration = {
  version: 6,
  name: 'audit',
  async up(db, t) {
    await db.schema
      .createTable('audit_events')
      .addColumn('id', t.idType, t.id)
      // Its place in the chain of its node (audit/chain.ts).
      .addColumn('node', 'text', (c) => c.notNull())
      .addColumn('number', t.integer, (c) => c.notNull())
      .addColumn('at', t.integer, (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('operation', 'text', (c) => c.notNull())
      // No foreign keys: what happened stays on record when those whom it concerns are gone.
      .addColumn('actor_id', t.integer)
      .addColumn('actor_login', 'text')
      .addColumn('user_id', t.integer)
      .addColumn('user_login', 'text')
      .addColumn('organization_id', t.integer)
      .addColumn('organization_login', 'text')
      .addColumn('repository_id', t.integer)
      .addColumn('repository_name', 'text')
      .addColumn('token_id', t.integer)
      .addColumn('hashed_token', t.bytes)
      .addColumn('about_token_id', t.integer)
      .addColumn('about_hashed_token', t.bytes)
      .addColumn('address', 'text')
      .addColumn('user_agent', 'text')
      .addColumn('request_id', 'text')
      .addColumn('data', 'text', (c) => c.notNull())
      .addColumn('mac', t.bytes, (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('audit_events_place')
      .on('audit_events')
      .columns(['node', 'number'])
      .unique()
      .execute();
    await db.schema
      .createTable('audit_chains')
      .addColumn('node', 'text', (c) => c.primaryKey())
      .addColumn('number', t.integer, (c) => c.notNull())
      .addColumn('mac', t.bytes, (c) => c.notNull())
      .addColumn('signature', t.bytes, (c) => c.notNull())
      .addColumn('pruned_number', t.integer, (c) => c.notNull())
      .addColumn('pruned_mac', t.bytes)
      .addColumn('pruned_at', t.integer)
      .addColumn('pruned_signature', t.bytes)
      .execute();
    // Against faults of our own: rows stay as they were written, and go only where a signed checkpoint was written
    // first. Who means harm can drop a trigger; that is what the chain is for.
    if (t.dialect === 'sqlite') {
      await sql`CREATE TRIGGER audit_events_unchanged BEFORE UPDATE ON audit_events
        BEGIN SELECT RAISE(ABORT, 'rows of the security log are not changed'); END`.execute(db);
      await sql`CREATE TRIGGER audit_events_kept BEFORE DELETE ON audit_events
        WHEN OLD.number > coalesce(
          (SELECT pruned_number FROM audit_chains WHERE audit_chains.node = OLD.node), 0)
        BEGIN SELECT RAISE(ABORT, 'rows of the security log are kept'); END`.execute(db);
    }
    await db.schema
      .createIndex('audit_events_actor')
      .on('audit_events')
      .columns(['actor_id', 'id'])
      .execute();
    await db.schema
      .createIndex('audit_events_hashed_token')
      .on('audit_events')
      .columns(['hashed_token', 'id'])
      .execute();
    await db.schema
      .createIndex('audit_events_about_hashed_token')
      .on('audit_events')
      .columns(['about_hashed_token', 'id'])
      .execute();
    await db.schema
      .createIndex('audit_events_organization')
      .on('audit_events')
      .columns(['organization_id', 'id'])
      .execute();
    await db.schema.createIndex('audit_events_at').on('audit_events').columns(['at', 'id']).execute();
    await db.schema.createIndex('audit_events_user').on('audit_events').columns(['user_id', 'id']).execute();
  },
};
