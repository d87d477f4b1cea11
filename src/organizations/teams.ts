// Teams: groups of members that are given roles in repositories together. All members see them; owners manage them.
import type { RepositoryRole } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { done, type Outcome, type Problem, refused, textProblem } from '../problems.ts';
import * as members from './member-store.ts';
import type { Listed, Organization, Paging } from './organizations.ts';
import * as store from './team-store.ts';

export interface Team {
  readonly id: number;
  readonly organizationId: number;
  readonly organizationLogin: string;
  readonly name: string;
  /** As in addresses, unique in the organisation. */
  readonly slug: string;
  readonly description: string | null;
  /** In a repository that it is given without a role. */
  readonly role: RepositoryRole;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface TeamMember {
  readonly id: number;
  readonly login: string;
  readonly siteAdmin: boolean;
  /** GitHub's word: owners of the organisation maintain every team that they are in. */
  readonly role: 'maintainer' | 'member';
}

const MAX_NAME_LENGTH = 255;
const MAX_DESCRIPTION_LENGTH = 1024;

type Organized = Pick<Organization, 'id' | 'login'>;
type Account = { readonly id: number; readonly login: string };

/** `Core & Friends` → `core-friends`: letters and digits of any script, in lower case, and single hyphens. */
function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, '-')
    .replace(/^-+|-+$/g, '');
}

export function findTeam(ctx: Context, organizationId: number, slug: string): Promise<Team | null> {
  return store.bySlug(ctx.db, organizationId, slug.toLowerCase());
}

export function findTeamById(ctx: Context, id: number): Promise<Team | null> {
  return store.byId(ctx.db, id);
}

/** By name. */
export function listTeams(ctx: Context, organizationId: number, paging: Paging): Promise<Listed<Team>> {
  return store.ofOrganization(ctx.db, organizationId, paging);
}

/** Those of somebody, over all organisations that let the caller's credential in. */
export function listTeamsOf(
  ctx: Context,
  actor: Actor,
  accountId: number,
  paging: Paging,
): Promise<Listed<Team>> {
  return store.ofMember(ctx.db, actor, accountId, paging);
}

/** Those that have a role in a repository, by name. */
export function listTeamsOn(
  ctx: Context,
  repositoryId: number,
  paging: Paging,
): Promise<Listed<{ readonly team: Team; readonly role: RepositoryRole }>> {
  return store.onRepository(ctx.db, repositoryId, paging);
}

export function listTeamMembers(
  ctx: Context,
  team: Team,
  asked: Paging & { readonly role?: TeamMember['role'] },
): Promise<Listed<TeamMember>> {
  return store.membersPage(ctx.db, team, asked);
}

export function findTeamMember(ctx: Context, team: Team, accountId: number): Promise<TeamMember | null> {
  return store.member(ctx.db, team, accountId);
}

/** How many members and repositories a team has. */
export function countsOf(ctx: Context, teamId: number): Promise<store.TeamCounts> {
  return store.counts(ctx.db, teamId);
}

export interface TeamFields {
  readonly name: string;
  /** Null or blank: none. */
  readonly description: string | null;
  readonly role: RepositoryRole;
}

export async function createTeam(
  ctx: Acting,
  organization: Organized,
  fields: TeamFields,
): Promise<Outcome<Team>> {
  const problems = fieldProblems(fields);
  if (problems.length > 0) return refused(...problems);
  return ctx.db.transaction().execute(async (db) => {
    const team = await store.insert(db, organization.id, normal(fields), ctx.now());
    if (team === null) return refused(nameTaken);
    await record(ctx, db, { action: 'team.create', operation: 'create', organization, data: dataOf(team) });
    return done(team);
  });
}

export async function updateTeam(
  ctx: Acting,
  team: Team,
  update: Partial<TeamFields>,
): Promise<Outcome<Team>> {
  const fields = { ...team, ...update };
  const problems = fieldProblems(fields);
  if (problems.length > 0) return refused(...problems);
  return ctx.db.transaction().execute(async (db) => {
    const row = normal(fields);
    const holder = await store.bySlug(db, team.organizationId, row.slug);
    if (holder !== null && holder.id !== team.id) return refused(nameTaken);
    await store.update(db, team.id, row, ctx.now());
    const after = await store.byId(db, team.id);
    if (after === null) return refused(gone);
    const data = { ...dataOf(after), old_name: team.name };
    await record(ctx, db, {
      action: after.name === team.name ? 'team.update' : 'team.rename',
      operation: 'modify',
      organization: organizationOf(team),
      data,
    });
    return done(after);
  });
}

export async function deleteTeam(ctx: Acting, team: Team): Promise<void> {
  await ctx.db.transaction().execute(async (db) => {
    if (!(await store.remove(db, team.id))) return;
    await record(ctx, db, {
      action: 'team.destroy',
      operation: 'remove',
      organization: organizationOf(team),
      data: dataOf(team),
    });
  });
}

/** Only members of the organisation are in its teams. Nothing happens to who is in it already. */
export async function addTeamMember(ctx: Acting, team: Team, account: Account): Promise<Outcome<TeamMember>> {
  return ctx.db.transaction().execute(async (db) => {
    if ((await members.find(db, team.organizationId, account.id)) === null) return refused(noMember);
    if (await store.addMember(db, team.id, account.id, ctx.now())) {
      await record(ctx, db, {
        action: 'team.add_member',
        operation: 'modify',
        organization: organizationOf(team),
        user: account,
        data: dataOf(team),
      });
    }
    const member = await store.member(db, team, account.id);
    return member === null ? refused(gone) : done(member);
  });
}

/** @returns false when they were not in it */
export async function removeTeamMember(ctx: Acting, team: Team, account: Account): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    if (!(await store.removeMember(db, team.id, account.id))) return false;
    await record(ctx, db, {
      action: 'team.remove_member',
      operation: 'modify',
      organization: organizationOf(team),
      user: account,
      data: dataOf(team),
    });
    return true;
  });
}

interface Owned {
  readonly id: number;
  readonly ownerId: number;
  readonly ownerLogin: string;
  readonly name: string;
}

/** The team's role in a repository; null: none. */
export function teamRoleIn(ctx: Context, team: Team, repositoryId: number): Promise<RepositoryRole | null> {
  return store.roleIn(ctx.db, team.id, repositoryId);
}

/** Gives a team a role in a repository of its organisation, or another one than it had. */
export async function putTeamRepository(
  ctx: Acting,
  team: Team,
  repository: Owned,
  role: RepositoryRole,
): Promise<Outcome<RepositoryRole>> {
  if (repository.ownerId !== team.organizationId) return refused(notTheirs);
  return ctx.db.transaction().execute(async (db) => {
    const before = await store.roleIn(db, team.id, repository.id);
    if (before === role) return done(role);
    if (!(await store.putRole(db, team, repository.id, role, ctx.now()))) return refused(gone);
    await record(ctx, db, {
      action: before === null ? 'team.add_repository' : 'team.update_repository_permission',
      operation: 'modify',
      organization: organizationOf(team),
      repository: { id: repository.id, name: `${repository.ownerLogin}/${repository.name}` },
      data: { ...dataOf(team), permission: role, ...(before === null ? {} : { old_permission: before }) },
    });
    return done(role);
  });
}

/** @returns false when it had none */
export async function removeTeamRepository(ctx: Acting, team: Team, repository: Owned): Promise<boolean> {
  return ctx.db.transaction().execute(async (db) => {
    if (!(await store.removeRole(db, team.id, repository.id))) return false;
    await record(ctx, db, {
      action: 'team.remove_repository',
      operation: 'modify',
      organization: organizationOf(team),
      repository: { id: repository.id, name: `${repository.ownerLogin}/${repository.name}` },
      data: dataOf(team),
    });
    return true;
  });
}

function fieldProblems({ name, description }: TeamFields): readonly Problem[] {
  const blank: Problem = { field: 'name', code: 'missing_field', message: "Name can't be blank." };
  const noSlug: Problem = {
    field: 'name',
    code: 'invalid',
    message: 'Name needs a letter or a digit in it.',
  };
  const text = name.trim();
  return [
    text === '' ? blank : textProblem('name', 'Name', text, MAX_NAME_LENGTH),
    text !== '' && slugOf(text) === '' ? noSlug : null,
    textProblem('description', 'Description', description, MAX_DESCRIPTION_LENGTH),
  ].filter((problem) => problem !== null);
}

function normal({ name, description, role }: TeamFields): store.TeamRow {
  const text = description?.trim() ?? '';
  return { name: name.trim(), slug: slugOf(name), description: text === '' ? null : text, role };
}

const organizationOf = (team: Team) => ({ id: team.organizationId, login: team.organizationLogin });
const dataOf = (team: Team) => ({ team: `${team.organizationLogin}/${team.slug}`, team_id: team.id });

const nameTaken: Problem = {
  field: 'name',
  code: 'already_exists',
  message: 'Name must be unique for this organization.',
};
const gone: Problem = { field: 'name', code: 'custom', message: 'There is no such team any more.' };
const noMember: Problem = {
  field: 'login',
  code: 'invalid',
  message: 'Only members of the organization can be in its teams: invite them first.',
};
const notTheirs: Problem = {
  field: 'repository',
  code: 'invalid',
  message: 'Teams work on repositories of their own organization only.',
};
