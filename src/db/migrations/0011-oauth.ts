// Version 11: OAuth applications, what people let them do, and what is under way between the two.
import { type Insertable, type Kysely, sql } from 'kysely';
import type { Migration } from '../migration.ts';
import type { OAuthApplicationsTable, Schema } from '../schema.ts';

const known = {
  owner_id: null,
  is_public: 1,
  device_flow: 1,
  enabled: 1,
  created_at: Date.UTC(2026, 10, 21),
  updated_at: Date.UTC(2026, 10, 21),
} as const;

/**
 * The clients that every instance knows (ghes-spec 8.3), by the numbers and loopback addresses of their own sources.
 * gh takes the one address for what it calls enterprise hosts, the other for github.localhost; so does GCM.
 */
const knownFromTheStart: readonly Insertable<OAuthApplicationsTable>[] = [
  {
    ...known,
    client_id: '178c6fc778ccc68e1d6a',
    name: 'GitHub CLI',
    url: 'https://cli.github.com/',
    description: 'gh, the command-line client.',
    callback_urls: 'http://localhost/ http://127.0.0.1/callback',
  },
  {
    ...known,
    client_id: '0120e057bd645470c1ed',
    name: 'Git Credential Manager',
    url: 'https://github.com/git-ecosystem/git-credential-manager',
    description: 'Signs in to Git servers and keeps credentials in the keychain of the system.',
    callback_urls: 'http://localhost/ http://127.0.0.1/',
  },
];

export const oauth: Migration = {
  version: 11,
  name: 'OAuth applications',
  async up(db, t) {
    await db.schema
      .createTable('oauth_applications')
      .addColumn('id', t.idType, t.id)
      // Null: known to every instance from the start.
      .addColumn('owner_id', t.integer, (c) => c.references('accounts.id'))
      .addColumn('client_id', 'text', (c) => c.notNull().unique())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('url', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      // Joined by single spaces: the first is where people are led when a request names none.
      .addColumn('callback_urls', 'text', (c) => c.notNull())
      .addColumn('is_public', t.integer, (c) => c.notNull())
      .addColumn('device_flow', t.integer, (c) => c.notNull())
      .addColumn('enabled', t.integer, (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('updated_at', t.integer, (c) => c.notNull())
      .execute();
    await (db as Kysely<Schema>).insertInto('oauth_applications').values(knownFromTheStart).execute();
    await db.schema
      .createIndex('oauth_applications_owner_id')
      .on('oauth_applications')
      .column('owner_id')
      .execute();
    await db.schema
      .createTable('oauth_client_secrets')
      .addColumn('id', t.idType, t.id)
      .addColumn('application_id', t.integer, (c) =>
        c.notNull().references('oauth_applications.id').onDelete('cascade'),
      )
      .addColumn('secret_hash', t.bytes, (c) => c.notNull().unique())
      .addColumn('last_eight', 'text', (c) => c.notNull())
      .addColumn('added_by', t.integer, (c) => c.references('accounts.id').onDelete('set null'))
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('last_used_at', t.integer)
      .execute();
    await db.schema
      .createIndex('oauth_client_secrets_application_id')
      .on('oauth_client_secrets')
      .column('application_id')
      .execute();
    await db.schema
      .createTable('oauth_authorizations')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('application_id', t.integer, (c) => c.notNull().references('oauth_applications.id'))
      .addColumn('scopes', 'text', (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('updated_at', t.integer, (c) => c.notNull())
      .addUniqueConstraint('oauth_authorizations_once', ['account_id', 'application_id'])
      .execute();
    await db.schema
      .createIndex('oauth_authorizations_application_id')
      .on('oauth_authorizations')
      .column('application_id')
      .execute();
    await db.schema
      .createTable('oauth_codes')
      .addColumn('code_hash', t.bytes, (c) => c.primaryKey())
      .addColumn('application_id', t.integer, (c) =>
        c.notNull().references('oauth_applications.id').onDelete('cascade'),
      )
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('scopes', 'text', (c) => c.notNull())
      .addColumn('redirect_uri', 'text')
      .addColumn('code_challenge', 'text')
      .addColumn('expires_at', t.integer, (c) => c.notNull())
      .addColumn('token_id', t.integer)
      .execute();
    await db.schema.createIndex('oauth_codes_expires_at').on('oauth_codes').column('expires_at').execute();
    await db.schema
      .createTable('oauth_device_codes')
      .addColumn('device_code_hash', t.bytes, (c) => c.primaryKey())
      .addColumn('user_code_hash', t.bytes, (c) => c.notNull().unique())
      .addColumn('application_id', t.integer, (c) =>
        c.notNull().references('oauth_applications.id').onDelete('cascade'),
      )
      .addColumn('scopes', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('account_id', t.integer, (c) => c.references('accounts.id').onDelete('cascade'))
      .addColumn('interval_seconds', t.integer, (c) => c.notNull())
      .addColumn('last_polled_at', t.integer)
      .addColumn('expires_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('oauth_device_codes_expires_at')
      .on('oauth_device_codes')
      .column('expires_at')
      .execute();

    // Tokens that an application holds for a person have no note of the person's own that could be taken.
    await db.schema
      .alterTable('tokens')
      .addColumn('application_id', t.integer, (c) => c.references('oauth_applications.id'))
      .execute();
    await db.schema.createIndex('tokens_application_id').on('tokens').column('application_id').execute();
    await db.schema
      .createIndex('tokens_note')
      .unique()
      .on('tokens')
      .columns(['account_id', 'kind', 'note'])
      .where(sql<boolean>`application_id IS NULL`)
      .execute();
    // No foreign key: what goes with the application is deleted, and logged, before it is.
    await db.schema.alterTable('ssh_keys').addColumn('application_id', t.integer).execute();
    await db.schema.createIndex('ssh_keys_application_id').on('ssh_keys').column('application_id').execute();
  },
};
