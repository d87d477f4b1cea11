// Version 5: what people are told: mails waiting to be sent, notices on the pages, and which of a token's notices
// were given.
import type { Migration } from '../migration.ts';

export const notices: Migration = {
  version: 5,
  name: 'mails and notices',
  async up(db, t) {
    await db.schema
      .createTable('outbox')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('recipient', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('message_id', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('tries', t.integer, (c) => c.notNull().defaultTo(0))
      .addColumn('next_try_at', t.integer, (c) => c.notNull())
      .addColumn('claim', 'text')
      .addColumn('last_error', 'text')
      .addColumn('given_up_at', t.integer)
      .execute();
    await db.schema.createIndex('outbox_due').on('outbox').columns(['given_up_at', 'next_try_at']).execute();
    await db.schema.createIndex('outbox_account').on('outbox').column('account_id').execute();
    await db.schema
      .createTable('notices')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('token_id', t.integer, (c) => c.references('tokens.id').onDelete('cascade'))
      .addColumn('text', 'text', (c) => c.notNull())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('urgent', t.integer, (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema.createIndex('notices_account').on('notices').columns(['account_id', 'id']).execute();
    await db.schema.createIndex('notices_token').on('notices').column('token_id').execute();
    await db.schema
      .createTable('token_notices')
      .addColumn('token_id', t.integer, (c) => c.notNull().references('tokens.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('at', t.integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('token_notices_key', ['token_id', 'kind'])
      .execute();
    await db.schema.createIndex('tokens_expiry').on('tokens').column('expires_at').execute();
  },
};
