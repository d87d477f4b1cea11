// Version 10: names that accounts had before, and tokens by which site admins act as somebody.
import type { Migration } from '../migration.ts';

export const siteAdministration: Migration = {
  version: 10,
  name: 'former logins and impersonation',
  async up(db, t) {
    await db.schema
      .createTable('former_logins')
      .addColumn('login_key', 'text', (c) => c.primaryKey())
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .execute();
    await db.schema.createIndex('former_logins_account').on('former_logins').column('account_id').execute();
    await db.schema.alterTable('tokens').addColumn('made_by_login', 'text').execute();
  },
};
