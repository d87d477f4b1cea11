// Version 7: what a token is used for, as counters.
import type { Migration } from '../migration.ts';

export const tokenUses: Migration = {
  version: 7,
  name: 'uses of tokens',
  async up(db, t) {
    await db.schema
      .createTable('token_uses')
      .addColumn('token_id', t.integer, (c) => c.notNull().references('tokens.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addColumn('period', t.integer, (c) => c.notNull())
      .addColumn('uses', t.integer, (c) => c.notNull())
      .addColumn('last_used_at', t.integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('token_uses_key', ['token_id', 'kind', 'value', 'period'])
      .execute();
    await db.schema.createIndex('token_uses_age').on('token_uses').column('last_used_at').execute();
  },
};
