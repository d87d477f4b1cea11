// The security log.
import type { Migration } from '../migration.ts';

export const audit: Migration = {
  version: 6,
  name: 'audit',
  async up(db, t) {
    await db.schema
      .createTable('audit_events')
      .addColumn('id', t.idType, t.id)
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
      .execute();
    await db.schema
      .createIndex('audit_events_actor')
      .on('audit_events')
      .columns(['actor_id', 'at'])
      .execute();
    await db.schema
      .createIndex('audit_events_hashed_token')
      .on('audit_events')
      .columns(['hashed_token', 'at'])
      .execute();
    await db.schema
      .createIndex('audit_events_about_hashed_token')
      .on('audit_events')
      .columns(['about_hashed_token', 'at'])
      .execute();
    await db.schema.createIndex('audit_events_user').on('audit_events').columns(['user_id', 'at']).execute();
  },
};
