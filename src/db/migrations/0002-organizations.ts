// Organisations: accounts that own repositories, their members and teams, and who was invited to what.
import type { Migration } from '../migration.ts';

export const organizations: Migration = {
  version: 2,
  name: 'organizations',
  async up(db, t) {
    await db.schema
      .createTable('organizations')
      .addColumn('account_id', t.integer, (c) => c.primaryKey().references('accounts.id').onDelete('cascade'))
      .addColumn('description', 'text')
      .addColumn('base_permission', 'text', (c) => c.notNull().defaultTo('read'))
      .addColumn('members_may_create', t.integer, (c) => c.notNull().defaultTo(1))
      .addColumn('allows_classic_tokens', t.integer, (c) => c.notNull().defaultTo(1))
      .execute();
    await db.schema
      .createTable('organization_members')
      .addColumn('organization_id', t.integer, (c) =>
        c.notNull().references('accounts.id').onDelete('cascade'),
      )
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('is_public', t.integer, (c) => c.notNull().defaultTo(0))
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('organization_members_key', ['organization_id', 'account_id'])
      .execute();
    await db.schema
      .createIndex('organization_members_account')
      .on('organization_members')
      .column('account_id')
      .execute();
    await db.schema
      .createTable('teams')
      .addColumn('id', t.idType, t.id)
      .addColumn('organization_id', t.integer, (c) =>
        c.notNull().references('accounts.id').onDelete('cascade'),
      )
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('slug', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      .addColumn('role', 'text', (c) => c.notNull().defaultTo('read'))
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addColumn('updated_at', t.integer, (c) => c.notNull())
      .addUniqueConstraint('teams_slug', ['organization_id', 'slug'])
      .execute();
    await db.schema
      .createTable('team_members')
      .addColumn('team_id', t.integer, (c) => c.notNull().references('teams.id').onDelete('cascade'))
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('team_members_key', ['team_id', 'account_id'])
      .execute();
    await db.schema.createIndex('team_members_account').on('team_members').column('account_id').execute();
    await db.schema
      .createTable('team_repositories')
      .addColumn('team_id', t.integer, (c) => c.notNull().references('teams.id').onDelete('cascade'))
      .addColumn('repository_id', t.integer, (c) =>
        c.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('team_repositories_key', ['team_id', 'repository_id'])
      .execute();
    await db.schema
      .createIndex('team_repositories_repository')
      .on('team_repositories')
      .column('repository_id')
      .execute();
    // An invitation goes with who was invited, with who invited, and with what it is to.
    await db.schema
      .createTable('organization_invitations')
      .addColumn('id', t.idType, t.id)
      .addColumn('organization_id', t.integer, (c) =>
        c.notNull().references('accounts.id').onDelete('cascade'),
      )
      // Either an account or an address, of which it is not looked up whose it is until it is accepted.
      .addColumn('account_id', t.integer, (c) => c.references('accounts.id').onDelete('cascade'))
      .addColumn('email', 'text')
      .addColumn('email_key', 'text')
      .addColumn('inviter_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addUniqueConstraint('organization_invitations_account', ['account_id', 'organization_id'])
      .addUniqueConstraint('organization_invitations_email', ['email_key', 'organization_id'])
      .execute();
    await db.schema
      .createIndex('organization_invitations_organization')
      .on('organization_invitations')
      .column('organization_id')
      .execute();
    await db.schema
      .createTable('organization_invitation_teams')
      .addColumn('invitation_id', t.integer, (c) =>
        c.notNull().references('organization_invitations.id').onDelete('cascade'),
      )
      .addColumn('team_id', t.integer, (c) => c.notNull().references('teams.id').onDelete('cascade'))
      .addPrimaryKeyConstraint('organization_invitation_teams_key', ['invitation_id', 'team_id'])
      .execute();
    await db.schema
      .createTable('repository_invitations')
      .addColumn('id', t.idType, t.id)
      .addColumn('repository_id', t.integer, (c) =>
        c.notNull().references('repositories.id').onDelete('cascade'),
      )
      .addColumn('account_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('inviter_id', t.integer, (c) => c.notNull().references('accounts.id').onDelete('cascade'))
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('created_at', t.integer, (c) => c.notNull())
      .addUniqueConstraint('repository_invitations_account', ['account_id', 'repository_id'])
      .execute();
    await db.schema
      .createIndex('repository_invitations_repository')
      .on('repository_invitations')
      .column('repository_id')
      .execute();
  },
};
