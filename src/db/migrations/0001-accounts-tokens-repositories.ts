// Accounts and how they sign in, classic tokens, repositories and who may use them.
import { sql } from 'kysely';
import type { Migration } from '../migration.ts';

export const accountsTokensRepositories: Migration = {
  version: 1,
  name: 'accounts, tokens and repositories',
  async up(db, t) {
    await db.schema
      .createTable('settings')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('value', 'text', (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('sequences')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('next', t.integer, (c) => c.notNull())
      .execute();
    await sql`INSERT INTO sequences (name, next) VALUES ('repositories', 1)`.execute(db);
    await db.schema
      .createTable('accounts')
      .addColumn('id', t.idType, t.id)
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('login', 'text', (c) => c.notNull())
      .addColumn('login_key', 'text', (c) => c.notNull().unique())
      .addColumn('name', 'text')
      .addColumn('email', 'text')
      .addColumn('email_key', 'text', (c) => c.unique())
      .addColumn('site_admin', t.integer, (c) => c.notNull().defaultTo(0))
      .addColumn('password_hash', 'text')
      .addColumn('suspended_at', t.integer)
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('updated_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('sessions')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('secret_hash', t.bytes, (c) => c.notNull().unique())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('last_used_at', t.integer, (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('user_agent', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('sessions_account').on('sessions').column('account_id').execute();
    await db.schema
      .createTable('one_time_links')
      .addColumn('id', t.idType, t.id)
      .addColumn('purpose', 'text', (c) => c.notNull())
      .addColumn('account_id', t.integer, (c) => c.references('accounts.id').onDelete('cascade'))
      .addColumn('code_hash', t.bytes, (c) => c.notNull().unique())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('expires_at', t.integer)
      .execute();
    await db.schema
      .createTable('sign_in_failures')
      .addColumn('bucket', 'text', (c) => c.primaryKey())
      .addColumn('failures', t.integer, (c) => c.notNull())
      .addColumn('since', t.integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('tokens')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('note', 'text', (c) => c.notNull())
      .addColumn('scopes', 'text', (c) => c.notNull())
      .addColumn('secret_hash', t.bytes, (c) => c.notNull().unique())
      .addColumn('last_eight', 'text', (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('updated_at', t.integer, (c) => c.notNull())
      .addColumn('issued_at', t.integer, (c) => c.notNull())
      .addColumn('expires_at', t.integer)
      .addColumn('last_used_at', t.integer)
      .execute();
    await db.schema
      .createTable('repositories')
      .addColumn('id', t.integer, (c) => c.primaryKey())
      .addColumn('owner_id', t.integer, (c) => c.notNull().references('accounts.id'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('name_key', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      .addColumn('visibility', 'text', (c) => c.notNull())
      .addColumn('default_branch', 'text', (c) => c.notNull())
      .addColumn('size_kib', t.integer, (c) => c.notNull().defaultTo(0))
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('updated_at', t.integer, (c) => c.notNull())
      .addColumn('pushed_at', t.integer)
      .addUniqueConstraint('repositories_name', ['owner_id', 'name_key'])
      .execute();
    await db.schema
      .createTable('repository_redirects')
      .addColumn('owner_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('name_key', 'text', (c) => c.notNull())
      .addColumn('repository_id', t.integer, (c) =>
        c.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addPrimaryKeyConstraint('repository_redirects_key', ['owner_id', 'name_key'])
      .execute();
    await db.schema
      .createTable('collaborators')
      .addColumn('repository_id', t.integer, (c) =>
        c.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('collaborators_key', ['repository_id', 'account_id'])
      .execute();
    await db.schema.createIndex('collaborators_account').on('collaborators').column('account_id').execute();
  },
};
