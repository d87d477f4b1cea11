// Version 8: commit statuses, webhooks with their deliveries, further e-mail addresses and profiles of people, and the
// keys by which people sign what they write.
import type { Migration } from '../migration.ts';

export const repositoryExtras: Migration = {
  version: 8,
  name: 'statuses, webhooks, addresses, profiles and signing keys',
  async up(db, t) {
    await db.schema
      .createTable('commit_statuses')
      .addColumn('id', t.idType, t.id)
      .addColumn('repository_id', t.integer, (c) =>
        c.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('sha', 'text', (c) => c.notNull())
      .addColumn('context', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      .addColumn('target_url', 'text')
      .addColumn('creator_id', t.integer, (c) => c.references('accounts.id').onDelete('set null'))
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('commit_statuses_commit')
      .on('commit_statuses')
      .columns(['repository_id', 'sha', 'context', 'id'])
      .execute();
    await db.schema
      .createIndex('commit_statuses_creator')
      .on('commit_statuses')
      .column('creator_id')
      .execute();

    await db.schema
      .createTable('hooks')
      .addColumn('id', t.idType, t.id)
      .addColumn('repository_id', t.integer, (c) =>
        c.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('url', 'text', (c) => c.notNull())
      .addColumn('content_type', 'text', (c) => c.notNull())
      .addColumn('secret', 'text')
      .addColumn('events', 'text', (c) => c.notNull())
      .addColumn('active', t.integer, (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('updated_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema.createIndex('hooks_repository').on('hooks').column('repository_id').execute();
    await db.schema
      .createTable('hook_deliveries')
      .addColumn('id', t.idType, t.id)
      .addColumn('hook_id', t.integer, (c) => c.notNull().references('hooks.id').onDelete('cascade'))
      .addColumn('guid', 'text', (c) => c.notNull())
      .addColumn('event', 'text', (c) => c.notNull())
      .addColumn('action', 'text')
      .addColumn('payload', 'text', (c) => c.notNull())
      .addColumn('redelivery', t.integer, (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('tries', t.integer, (c) => c.notNull().defaultTo(0))
      .addColumn('next_try_at', t.integer)
      .addColumn('claim', 'text')
      .addColumn('delivered_at', t.integer)
      .addColumn('duration_ms', t.integer)
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('status_code', t.integer, (c) => c.notNull().defaultTo(0))
      .addColumn('request_headers', 'text')
      .addColumn('response_headers', 'text')
      .addColumn('response_body', 'text')
      .execute();
    await db.schema
      .createIndex('hook_deliveries_hook')
      .on('hook_deliveries')
      .columns(['hook_id', 'id'])
      .execute();
    await db.schema.createIndex('hook_deliveries_due').on('hook_deliveries').column('next_try_at').execute();

    await db.schema
      .createTable('account_emails')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('email', 'text', (c) => c.notNull())
      .addColumn('email_key', 'text', (c) => c.notNull().unique())
      .addColumn('verified_at', t.integer)
      .addColumn('code_hash', t.bytes)
      .addColumn('code_expires_at', t.integer)
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema.createIndex('account_emails_account').on('account_emails').column('account_id').execute();
    await db.schema
      .createTable('profiles')
      .addColumn('account_id', t.integer, (c) => c.primaryKey().references('accounts.id').onDelete('cascade'))
      .addColumn('blog', 'text')
      .addColumn('company', 'text')
      .addColumn('location', 'text')
      .addColumn('bio', 'text')
      .addColumn('twitter_username', 'text')
      .addColumn('hireable', t.integer)
      .addColumn('email_is_public', t.integer, (c) => c.notNull().defaultTo(0))
      .addColumn('verified_email_key', 'text')
      .execute();

    await db.schema
      .createTable('gpg_keys')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('primary_id', t.integer, (c) => c.references('gpg_keys.id').onDelete('cascade'))
      .addColumn('name', 'text')
      .addColumn('key_id', 'text', (c) => c.notNull())
      .addColumn('fingerprint', 'text', (c) => c.unique())
      .addColumn('public_key', 'text', (c) => c.notNull())
      .addColumn('raw_key', 'text')
      .addColumn('emails', 'text', (c) => c.notNull())
      .addColumn('capabilities', 'text', (c) => c.notNull())
      .addColumn('revoked', t.integer, (c) => c.notNull())
      .addColumn('key_created_at', t.integer, (c) => c.notNull())
      .addColumn('expires_at', t.integer)
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema.createIndex('gpg_keys_account').on('gpg_keys').column('account_id').execute();
    await db.schema.createIndex('gpg_keys_primary').on('gpg_keys').column('primary_id').execute();
    await db.schema
      .createTable('signing_keys')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('title', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('fingerprint', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema.createIndex('signing_keys_account').on('signing_keys').column('account_id').execute();
  },
};
