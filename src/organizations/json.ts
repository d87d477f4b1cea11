// Organisations, memberships, invitations and teams as the API shows them (GHES 3.8: organization-simple,
// organization-full, org-membership, organization-invitation, team, team-full). What Latchkey does not have is there all
// the same, empty or off: clients expect the fields.
import type { OrganizationRole } from '../access/actions.ts';
import { type NamedAccount, simpleUserJson } from '../accounts/json.ts';
import { nodeId } from '../api/node-ids.ts';
import { apiRoot, timestamp } from '../api/urls.ts';
import type { Config } from '../config/config.ts';
import { permissionsJson } from '../repositories/json.ts';
import { permissionName } from '../repositories/role-names.ts';
import type { OwnedTotals } from '../repositories/totals.ts';
import type { OrganizationInvitation } from './invitations.ts';
import { nameOfRole } from './members.ts';
import type { Organization } from './organizations.ts';
import type { Team, TeamMember } from './teams.ts';

type Urls = Pick<Config, 'url'>;

/** Where the organisation's own API addresses start. */
function organizationApiUrl(config: Urls, { login }: Pick<Organization, 'login'>): string {
  return `${apiRoot(config)}/orgs/${login}`;
}

/** As an item of a list. */
export function organizationJson(config: Urls, organization: Organization) {
  const url = organizationApiUrl(config, organization);
  return {
    login: organization.login,
    id: organization.id,
    node_id: nodeId('Organization', organization.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${config.url}/avatars/u/${organization.id}`,
    description: organization.description,
  };
}

/** As the answer about one organisation: what everybody sees. */
export function fullOrganizationJson(
  config: Urls,
  organization: Organization,
  facts: { readonly publicRepositories: number },
) {
  return {
    ...organizationJson(config, organization),
    ...(organization.name === null ? {} : { name: organization.name }),
    is_verified: false,
    has_organization_projects: false,
    has_repository_projects: false,
    public_repos: facts.publicRepositories,
    public_gists: 0,
    followers: 0,
    following: 0,
    html_url: `${config.url}/${organization.login}`,
    type: 'Organization',
    created_at: timestamp(organization.createdAt),
    updated_at: timestamp(organization.updatedAt),
    archived_at: null,
  };
}

/** What members see of it too. */
export function privateOrganizationJson(
  organization: Organization,
  totals: OwnedTotals,
  counts: { readonly members: number },
) {
  const { membersMayCreate } = organization;
  return {
    total_private_repos: totals.privateRepositories,
    owned_private_repos: totals.privateRepositories,
    private_gists: 0,
    disk_usage: totals.diskUsageKib,
    collaborators: totals.collaborators,
    billing_email: null,
    plan: {
      name: 'enterprise',
      space: 0,
      private_repos: 0,
      filled_seats: counts.members,
      seats: counts.members,
    },
    default_repository_permission: organization.basePermission,
    members_can_create_repositories: membersMayCreate,
    members_allowed_repository_creation_type: membersMayCreate ? 'all' : 'none',
    members_can_create_public_repositories: membersMayCreate,
    members_can_create_private_repositories: membersMayCreate,
    members_can_create_internal_repositories: membersMayCreate,
    members_can_create_pages: false,
    members_can_fork_private_repositories: false,
    web_commit_signoff_required: false,
  };
}

export interface Membership {
  readonly organization: Organization;
  readonly account: NamedAccount;
  readonly role: OrganizationRole;
  readonly state: 'active' | 'pending';
}

export function membershipJson(config: Urls, { organization, account, role, state }: Membership) {
  const url = organizationApiUrl(config, organization);
  const mayCreate = state === 'active' && (role === 'owner' || organization.membersMayCreate);
  return {
    url: `${url}/memberships/${account.login}`,
    state,
    role: nameOfRole(role),
    organization_url: url,
    organization: organizationJson(config, organization),
    user: simpleUserJson(config, account),
    permissions: { can_create_repository: mayCreate },
  };
}

export function invitationJson(config: Urls, invitation: OrganizationInvitation) {
  const { id, organization, invitee, email, inviter, role, teamCount, createdAt } = invitation;
  return {
    id,
    node_id: nodeId('OrganizationInvitation', id),
    login: invitee?.login ?? null,
    email,
    role: role === 'owner' ? 'admin' : 'direct_member',
    created_at: timestamp(createdAt),
    failed_at: null,
    failed_reason: null,
    inviter: simpleUserJson(config, inviter),
    team_count: teamCount,
    invitation_teams_url: `${apiRoot(config)}/organizations/${organization.id}/invitations/${id}/teams`,
    invitation_source: 'member',
  };
}

/** As an item of a list. @param role what it may do there, where the list is of a repository's teams */
export function teamJson(config: Urls, team: Team, role = team.role) {
  const url = `${apiRoot(config)}/organizations/${team.organizationId}/team/${team.id}`;
  return {
    id: team.id,
    node_id: nodeId('Team', team.id),
    name: team.name,
    slug: team.slug,
    description: team.description,
    // All members of the organisation see its teams.
    privacy: 'closed',
    permission: permissionName(role),
    permissions: permissionsJson('private', role),
    url,
    html_url: `${config.url}/orgs/${team.organizationLogin}/teams/${team.slug}`,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    parent: null,
  };
}

/** As the answer about one team. */
export function fullTeamJson(
  config: Urls,
  team: Team,
  organization: ReturnType<typeof fullOrganizationJson>,
  counts: { readonly members: number; readonly repositories: number },
) {
  const { permissions: _, ...shown } = teamJson(config, team);
  return {
    ...shown,
    members_count: counts.members,
    repos_count: counts.repositories,
    created_at: timestamp(team.createdAt),
    updated_at: timestamp(team.updatedAt),
    organization,
  };
}

export function teamMembershipJson(
  config: Urls,
  team: Team,
  { login, role }: Pick<TeamMember, 'login' | 'role'>,
  state: 'active' | 'pending',
) {
  const url = `${apiRoot(config)}/organizations/${team.organizationId}/team/${team.id}/memberships/${login}`;
  return { url, role, state };
}
