// Version 3: SSH keys, people's and deploy keys.
import type { Migration } from '../migration.ts';

export const keys: Migration = {
  version: 3,
  name: 'SSH keys',
  async up(db, t) {
    await db.schema
      .createTable('ssh_keys')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.references('accounts.id').onDelete('cascade'))
      .addColumn('repository_id', t.integer, (c) => c.references('repositories.id').onDelete('cascade'))
      .addColumn('title', 'text', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      // One key, one owner on the whole instance (ghes-spec 7.1).
      .addColumn('fingerprint', 'text', (c) => c.notNull().unique())
      .addColumn('read_only', t.integer, (c) => c.notNull())
      .addColumn('verified', t.integer, (c) => c.notNull())
      .addColumn('enabled', t.integer, (c) => c.notNull())
      .addColumn('may_change_workflows', t.integer, (c) => c.notNull())
      .addColumn('added_by', t.integer, (c) => c.references('accounts.id').onDelete('set null'))
      .addColumn('made_by', 'text', (c) => c.notNull())
      // No foreign key: what goes with the token is deleted, and logged, before the token is.
      .addColumn('token_id', t.integer)
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('last_used_at', t.integer)
      .execute();
    for (const column of ['account_id', 'repository_id', 'token_id', 'added_by']) {
      await db.schema.createIndex(`ssh_keys_${column}`).on('ssh_keys').column(column).execute();
    }
  },
};
