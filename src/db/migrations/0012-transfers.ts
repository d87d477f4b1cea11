// Version 12: repositories that are offered to other people, who have not answered yet; and why somebody is suspended.
import type { Migration } from '../migration.ts';

export const transfers: Migration = {
  version: 12,
  name: 'transfers that wait for an answer, reasons of suspensions',
  async up(db, t) {
    await db.schema
      .createTable('repository_transfers')
      .addColumn('id', t.idType, t.id)
      .addColumn('repository_id', t.integer, (c) =>
        c.notNull().unique().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('requester_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('new_name', 'text')
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('expires_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('repository_transfers_account')
      .on('repository_transfers')
      .column('account_id')
      .execute();
    await db.schema
      .createIndex('repository_transfers_requester')
      .on('repository_transfers')
      .column('requester_id')
      .execute();
    await db.schema.alterTable('accounts').addColumn('suspension_reason', 'text').execute();
  },
};
