// Version 4: what people prove beside a password (authenticator apps, passkeys, security keys, recovery codes), how
// far a sign-in has come, and when a session last proved who sits before it.
import type { Migration } from '../migration.ts';

export const secondFactors: Migration = {
  version: 4,
  name: 'second factors and sudo mode',
  async up(db, t) {
    await db.schema
      .alterTable('sessions')
      .addColumn('sudo_at', t.integer, (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable('sessions').addColumn('second_factor', 'text').execute();
    await db.schema
      .createTable('authenticator_apps')
      .addColumn('account_id', t.integer, (c) => c.primaryKey().references('accounts.id').onDelete('cascade'))
      .addColumn('sealed_secret', t.bytes, (c) => c.notNull())
      .addColumn('last_step', t.integer, (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('last_used_at', t.integer)
      .execute();
    await db.schema
      .createTable('passkeys')
      .addColumn('id', t.idType, t.id)
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('credential_id', 'text', (c) => c.notNull().unique())
      .addColumn('public_key', t.bytes, (c) => c.notNull())
      .addColumn('counter', t.integer, (c) => c.notNull())
      .addColumn('transports', 'text', (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('last_used_at', t.integer)
      .execute();
    await db.schema.createIndex('passkeys_account').on('passkeys').column('account_id').execute();
    await db.schema
      .createTable('recovery_codes')
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('code_hash', t.bytes, (c) => c.notNull())
      .addPrimaryKeyConstraint('recovery_codes_key', ['account_id', 'code_hash'])
      .execute();
    await db.schema
      .createTable('half_sign_ins')
      .addColumn('secret_hash', t.bytes, (c) => c.primaryKey())
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('expires_at', t.integer, (c) => c.notNull())
      .execute();
    await db.schema.createIndex('half_sign_ins_account').on('half_sign_ins').column('account_id').execute();
    await db.schema
      .createTable('passkey_challenges')
      .addColumn('bound_to', t.bytes, (c) => c.notNull())
      .addColumn('purpose', 'text', (c) => c.notNull())
      .addColumn('challenge', 'text', (c) => c.notNull())
      .addColumn('expires_at', t.integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('passkey_challenges_key', ['bound_to', 'purpose'])
      .execute();
    await db.schema
      .createIndex('passkey_challenges_expiry')
      .on('passkey_challenges')
      .column('expires_at')
      .execute();
  },
};
