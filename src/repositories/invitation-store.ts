// The SQL of invitations to work on repositories.
import type { RepositoryRole } from '../access/actions.ts';
import { type Actor, anonymous } from '../access/actor.ts';
import { letsIn } from '../access/visible.ts';
import type { Db } from '../db/database.ts';
import type { RepositoryInvitation } from './invitations.ts';
import { repositoryById } from './store.ts';

export interface InvitationsAsked {
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
}

const every = (db: Db) =>
  db
    .selectFrom('repository_invitations')
    .innerJoin('repositories', 'repositories.id', 'repository_invitations.repository_id')
    .leftJoin('organizations', 'organizations.account_id', 'repositories.owner_id')
    .innerJoin('accounts as invitees', 'invitees.id', 'repository_invitations.account_id')
    .innerJoin('accounts as inviters', 'inviters.id', 'repository_invitations.inviter_id');

type Query = ReturnType<typeof every>;

const whole = (query: Query) =>
  query.select([
    'repository_invitations.id',
    'repository_invitations.repository_id',
    'repository_invitations.role',
    'repository_invitations.created_at',
    'invitees.id as invitee_id',
    'invitees.login as invitee_login',
    'invitees.site_admin as invitee_site_admin',
    'inviters.id as inviter_id',
    'inviters.login as inviter_login',
    'inviters.site_admin as inviter_site_admin',
  ]);

type Row = Awaited<ReturnType<ReturnType<typeof whole>['executeTakeFirstOrThrow']>>;

async function toInvitations(db: Db, rows: readonly Row[]): Promise<readonly RepositoryInvitation[]> {
  const invitations: RepositoryInvitation[] = [];
  for (const row of rows) {
    const found = await repositoryById(db, anonymous, row.repository_id);
    if (found === null) continue;
    invitations.push({
      id: row.id,
      repository: found.repository,
      invitee: { id: row.invitee_id, login: row.invitee_login, siteAdmin: row.invitee_site_admin === 1 },
      inviter: { id: row.inviter_id, login: row.inviter_login, siteAdmin: row.inviter_site_admin === 1 },
      role: row.role,
      createdAt: row.created_at,
    });
  }
  return invitations;
}

async function first(db: Db, query: Query): Promise<RepositoryInvitation | null> {
  const row = await whole(query).executeTakeFirst();
  return row === undefined ? null : ((await toInvitations(db, [row]))[0] ?? null);
}

async function pageOf(db: Db, query: Query, { page, perPage }: InvitationsAsked) {
  const { total } = await query.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow();
  const rows = await whole(query)
    .orderBy('repository_invitations.id')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  return { items: await toInvitations(db, rows), total: Number(total) };
}

/** As far as the caller's credential is let in by the owner. */
const ofInvitee = (db: Db, actor: Actor, accountId: number) =>
  every(db)
    .where('repository_invitations.account_id', '=', accountId)
    .where((eb) => eb.or([eb('organizations.account_id', 'is', null), letsIn(actor)]));

export const pageOfInvitee = (db: Db, actor: Actor, accountId: number, asked: InvitationsAsked) =>
  pageOf(db, ofInvitee(db, actor, accountId), asked);

export const pageOfRepository = (db: Db, repositoryId: number, asked: InvitationsAsked) =>
  pageOf(db, every(db).where('repository_invitations.repository_id', '=', repositoryId), asked);

export const findOfInvitee = (db: Db, actor: Actor, accountId: number, id: number) =>
  first(db, ofInvitee(db, actor, accountId).where('repository_invitations.id', '=', id));

export const findOfRepository = (db: Db, repositoryId: number, id: number) =>
  first(
    db,
    every(db)
      .where('repository_invitations.repository_id', '=', repositoryId)
      .where('repository_invitations.id', '=', id),
  );

export const findFor = (db: Db, repositoryId: number, accountId: number) =>
  first(
    db,
    every(db)
      .where('repository_invitations.repository_id', '=', repositoryId)
      .where('repository_invitations.account_id', '=', accountId),
  );

/** Who was invited already is invited anew, under the same id. */
export async function put(
  db: Db,
  row: {
    readonly repositoryId: number;
    readonly accountId: number;
    readonly inviterId: number;
    readonly role: RepositoryRole;
    readonly at: number;
  },
): Promise<void> {
  await db
    .insertInto('repository_invitations')
    .values({
      repository_id: row.repositoryId,
      account_id: row.accountId,
      inviter_id: row.inviterId,
      role: row.role,
      created_at: row.at,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'repository_id'])
        .doUpdateSet({ inviter_id: row.inviterId, role: row.role, created_at: row.at }),
    )
    .execute();
}

export async function setRole(db: Db, id: number, role: RepositoryRole): Promise<void> {
  await db.updateTable('repository_invitations').set({ role }).where('id', '=', id).execute();
}

export async function remove(db: Db, id: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('repository_invitations')
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function removeAllOf(db: Db, repositoryId: number): Promise<void> {
  await db.deleteFrom('repository_invitations').where('repository_id', '=', repositoryId).execute();
}

/** Does the account belong to the organisation that owns the repository? */
export async function isMemberOfOwner(db: Db, repositoryId: number, accountId: number): Promise<boolean> {
  const row = await db
    .selectFrom('repositories')
    .innerJoin('organization_members', 'organization_members.organization_id', 'repositories.owner_id')
    .where('repositories.id', '=', repositoryId)
    .where('organization_members.account_id', '=', accountId)
    .select('repositories.id')
    .executeTakeFirst();
  return row !== undefined;
}
