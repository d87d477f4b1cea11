// Version 13: names that are kept for who had them.
import type { Migration } from '../migration.ts';

export const keptNames: Migration = {
  version: 13,
  name: 'kept names',
  async up(db, t) {
    await db.schema
      .createTable('kept_names')
      .addColumn('login_key', 'text', (c) => c.primaryKey())
      .addColumn('login', 'text', (c) => c.notNull())
      // Null: the account that had it is gone, and nobody can take it back.
      .addColumn('account_id', t.integer, (c) => c.references('accounts.id').onDelete('set null'))
      .addColumn('until', t.integer, (c) => c.notNull())
      .execute();
    await db.schema.createIndex('kept_names_account_id').on('kept_names').column('account_id').execute();
  },
};
