// Organisations: accounts that own repositories and nobody signs in to. Making, finding, changing and deleting them;
// who belongs to them: members.ts, invitations.ts, teams.ts.
import type { OrganizationRole, RepositoryRole } from '../access/actions.ts';
import type { Actor } from '../access/actor.ts';
import type { NewRepositoryTarget, OrganizationTarget, Visibility } from '../access/targets.ts';
import { renameAccount } from '../accounts/administration.ts';
import { claimName, keepName } from '../accounts/kept-names.ts';
import { isLogin, loginKey, loginProblem } from '../accounts/logins.ts';
import { record } from '../audit/audit.ts';
import type { Acting, Context } from '../context.ts';
import { isForeignKeyViolation } from '../db/constraints.ts';
import { deleteApplicationsOf } from '../oauth/applications.ts';
import { done, type Outcome, type Problem, refused, textProblem } from '../problems.ts';
import * as members from './member-store.ts';
import * as store from './store.ts';

/** What every member may do in every repository of the organisation. */
export const basePermissions = ['none', 'read', 'write', 'admin'] as const;
export type BasePermission = 'none' | RepositoryRole;

export interface Organization {
  readonly id: number;
  /** Of the same namespace as people's. */
  readonly login: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly basePermission: BasePermission;
  readonly membersMayCreate: boolean;
  /** False: classic tokens reach nothing of it but what is public (ghes-spec 5.2 row 14). */
  readonly allowsClassicTokens: boolean;
  /** Milliseconds since 1970, as all instants. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** An organisation as one caller finds it: what decisions need, and the record. */
export type OrganizationFound = OrganizationTarget & { readonly organization: Organization };

export interface Paging {
  /** From 1. */
  readonly page: number;
  readonly perPage: number;
}

export interface Listed<T> {
  readonly items: readonly T[];
  /** On all pages. */
  readonly total: number;
}

const MAX_NAME_LENGTH = 255;
const MAX_DESCRIPTION_LENGTH = 160;

function found({ organization, role }: store.OrganizationForCaller): OrganizationFound {
  return {
    kind: 'organization',
    organizationId: organization.id,
    role,
    closedToTokens: organization.allowsClassicTokens ? null : organization.login,
    organization,
  };
}

/** Letter case does not matter. */
export async function findOrganization(
  ctx: Context,
  actor: Actor,
  login: string,
): Promise<OrganizationFound | null> {
  if (!isLogin(login)) return null;
  const row = await store.byLoginKey(ctx.db, actor, loginKey(login));
  return row === null ? null : found(row);
}

export async function findOrganizationById(
  ctx: Context,
  actor: Actor,
  id: number,
): Promise<OrganizationFound | null> {
  const row = await store.byId(ctx.db, actor, id);
  return row === null ? null : found(row);
}

/** What is asked before a repository is made for the organisation. */
export function newRepositoryIn(
  { organization, role, closedToTokens }: OrganizationFound,
  visibility: Visibility,
): NewRepositoryTarget {
  return {
    kind: 'new-repository',
    accountId: organization.id,
    visibility,
    organization: { role, membersMayCreate: organization.membersMayCreate },
    closedToTokens: closedToTokens ?? null,
  };
}

/** All there are, in order of making, after this id. */
export function listOrganizations(
  ctx: Context,
  paging: { readonly after: number; readonly limit: number },
): Promise<readonly Organization[]> {
  return store.after(ctx.db, paging.after, paging.limit);
}

/** Those of which the account is a member, as far as the caller's credential is let in; `role`: the account's. */
export function listOrganizationsOf(
  ctx: Context,
  actor: Actor,
  accountId: number,
  paging: Paging & { readonly publicOnly?: boolean },
): Promise<Listed<{ readonly organization: Organization; readonly role: OrganizationRole }>> {
  return store.ofMember(ctx.db, actor, accountId, paging);
}

export interface NewOrganization {
  readonly login: string;
  /** The name that is shown; null or blank: none. */
  readonly name: string | null;
  /** Who is its first owner. */
  readonly owner: { readonly id: number; readonly login: string };
}

/** Makes an organisation with one owner. Who may do so is not asked here. */
export async function createOrganization(
  ctx: Acting,
  wanted: NewOrganization,
): Promise<Outcome<Organization>> {
  const name = blankToNull(wanted.name);
  const problems = [loginProblem(wanted.login), nameProblem(name)].filter((problem) => problem !== null);
  if (problems.length > 0) return refused(...problems.map(ofOrganization));
  return ctx.db.transaction().execute(async (db) => {
    const at = ctx.now();
    const kept = await claimName(db, { login: wanted.login, accountId: null, at });
    if (kept !== null) return refused(ofOrganization(kept));
    const row = { login: wanted.login, loginKey: loginKey(wanted.login), name, at };
    const organization = await store.insert(db, row);
    if (organization === null) return refused(loginTaken);
    await members.put(db, { organizationId: organization.id, accountId: wanted.owner.id, role: 'owner', at });
    await record(ctx, db, {
      action: 'org.create',
      operation: 'create',
      organization,
      user: wanted.owner,
    });
    return done(organization);
  });
}

export interface OrganizationUpdate {
  /** Null or blank: none. */
  readonly name?: string | null;
  readonly description?: string | null;
  readonly basePermission?: BasePermission;
  readonly membersMayCreate?: boolean;
  readonly allowsClassicTokens?: boolean;
}

/** Changes all that is given, or nothing. */
export async function updateOrganization(
  ctx: Acting,
  id: number,
  update: OrganizationUpdate,
): Promise<Outcome<Organization>> {
  const texts = {
    ...(update.name === undefined ? {} : { name: blankToNull(update.name) }),
    ...(update.description === undefined ? {} : { description: blankToNull(update.description) }),
  };
  const problems = [nameProblem(texts.name ?? null), descriptionProblem(texts.description ?? null)];
  const wrong = problems.filter((problem) => problem !== null);
  if (wrong.length > 0) return refused(...wrong);
  return ctx.db.transaction().execute(async (db) => {
    const before = await store.plainById(db, id);
    if (before === null) return refused(gone);
    const after = { ...before, ...update, ...texts, updatedAt: ctx.now() };
    await store.update(db, after);
    for (const [action, field] of changesLogged) {
      if (before[field] === after[field]) continue;
      await record(ctx, db, {
        action,
        operation: 'modify',
        organization: after,
        data: { [field]: after[field], [`old_${field}`]: before[field] },
      });
    }
    return done(after);
  });
}

/** Gives it another name; its repositories are found by the new one alone, as those of renamed people. */
export async function renameOrganization(
  ctx: Acting,
  id: number,
  login: string,
): Promise<Outcome<Organization>> {
  return ctx.db.transaction().execute(async (db) => {
    const before = await store.plainById(db, id);
    if (before === null) return refused(gone);
    if (before.login === login) return done(before);
    const problem = await renameAccount(db, id, login, ctx.now());
    if (problem !== null) return refused(ofOrganization(problem));
    const organization = { ...before, login, updatedAt: ctx.now() };
    const data = { old_login: before.login };
    await record(ctx, db, { action: 'org.rename', operation: 'modify', organization, data });
    return done(organization);
  });
}

/** Under which name the log has a change of what. */
const changesLogged = [
  ['org.update_profile', 'name'],
  ['org.update_profile', 'description'],
  ['org.update_default_repository_permission', 'basePermission'],
  ['org.update_member_repository_creation_permission', 'membersMayCreate'],
  ['org.update_classic_token_policy', 'allowsClassicTokens'],
] as const;

/** Removes an organisation with its teams, memberships and applications. Refused as long as it owns repositories. */
export async function deleteOrganization(ctx: Acting, id: number): Promise<Outcome<Organization>> {
  try {
    return await ctx.db.transaction().execute(async (db) => {
      const organization = await store.plainById(db, id);
      if (organization === null) return refused(gone);
      await deleteApplicationsOf(ctx, db, id);
      await store.remove(db, id);
      await keepName(db, { login: organization.login, accountId: null, at: ctx.now() });
      await record(ctx, db, { action: 'org.delete', operation: 'remove', organization });
      return done(organization);
    });
  } catch (error) {
    // The database itself keeps a repository's owner, whatever happens at the same time.
    if (!isForeignKeyViolation(error)) throw error;
    return refused({
      field: 'confirmation',
      code: 'custom',
      message: 'The organization still owns repositories: delete or transfer them first.',
    });
  }
}

const loginTaken: Problem = {
  field: 'login',
  code: 'already_exists',
  message: 'A person or an organization has this name already.',
};
const gone: Problem = {
  field: 'login',
  code: 'custom',
  message: 'There is no such organization any more.',
};

/** The rules of user names hold; the words are of organisations. */
function ofOrganization(problem: Problem): Problem {
  return { ...problem, field: 'login', message: problem.message.replace(/^Username\b/, 'Organization name') };
}

function blankToNull(text: string | null): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

function nameProblem(name: string | null): Problem | null {
  return textProblem('name', 'Display name', name, MAX_NAME_LENGTH);
}

function descriptionProblem(description: string | null): Problem | null {
  return textProblem('description', 'Description', description, MAX_DESCRIPTION_LENGTH);
}
