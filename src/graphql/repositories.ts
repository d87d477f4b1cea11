// What the schema tells of a repository. What Latchkey does not have is there all the same, empty or off, where clients
// ask for it along with what they need.
import type { RepositoryRole } from '../access/actions.ts';
import { nodeId } from '../api/node-ids.ts';
import { timestamp } from '../api/urls.ts';
import { repositoryPath, sshCloneUrl } from '../repositories/addresses.ts';
import type { Repository } from '../repositories/repositories.ts';
import type { Asking } from './asking.ts';
import { emptyConnection } from './connections.ts';
import { ownerWithId, repositoryNamed } from './finding.ts';
import { constants, type RepositoryNode, type Resolvers } from './resolving.ts';

const permissionOf: Readonly<Record<RepositoryRole, 'ADMIN' | 'WRITE' | 'READ'>> = {
  admin: 'ADMIN',
  write: 'WRITE',
  read: 'READ',
};

const of = ({ found }: RepositoryNode): Repository => found.repository;

/** Here there are none of: pull requests, issues, forks, stars, wikis, releases. */
const absent = constants({
  homepageUrl: null,
  mirrorUrl: null,
  securityPolicyUrl: null,
  archivedAt: null,
  usesCustomOpenGraphImage: false,
  isArchived: false,
  isBlankIssuesEnabled: false,
  isDisabled: false,
  isFork: false,
  isLocked: false,
  isMirror: false,
  isSecurityPolicyEnabled: false,
  isTemplate: false,
  hasDiscussionsEnabled: false,
  hasIssuesEnabled: false,
  hasProjectsEnabled: false,
  hasSponsorshipsEnabled: false,
  hasVulnerabilityAlertsEnabled: false,
  hasWikiEnabled: false,
  allowUpdateBranch: false,
  autoMergeAllowed: false,
  deleteBranchOnMerge: false,
  mergeCommitAllowed: false,
  rebaseMergeAllowed: false,
  squashMergeAllowed: false,
  webCommitSignoffRequired: false,
  forkingAllowed: false,
  forkCount: 0,
  stargazerCount: 0,
  parent: null,
  templateRepository: null,
  codeOfConduct: null,
  licenseInfo: null,
  primaryLanguage: null,
  latestRelease: null,
  contactLinks: [],
  fundingLinks: [],
  issueTemplates: [],
  pullRequestTemplates: [],
  viewerCanSubscribe: false,
  viewerCanUpdateTopics: false,
  viewerDefaultMergeMethod: 'MERGE',
  viewerHasStarred: false,
  viewerSubscription: null,
});

export const repositoryResolvers: Resolvers = {
  Query: {
    repository: (_, { owner, name, followRenames }, asking) =>
      repositoryNamed(asking, owner, name, followRenames !== false),
  },
  Repository: {
    ...absent,
    id: (node: RepositoryNode) => nodeId('Repository', of(node).id),
    databaseId: (node: RepositoryNode) => of(node).id,
    name: (node: RepositoryNode) => of(node).name,
    nameWithOwner: (node: RepositoryNode) => `${of(node).ownerLogin}/${of(node).name}`,
    owner: (node: RepositoryNode, _, asking) => ownerWithId(asking, of(node).ownerId),
    description: (node: RepositoryNode) => of(node).description,
    resourcePath: (node: RepositoryNode) => repositoryPath(of(node)),
    url: (node: RepositoryNode, _, { ctx }) => `${ctx.config.url}${repositoryPath(of(node))}`,
    sshUrl: (node: RepositoryNode, _, { ctx }) =>
      sshCloneUrl(ctx.config.sshUrl ?? `ssh://git@${new URL(ctx.config.url).hostname}`, of(node)),
    openGraphImageUrl: (node: RepositoryNode, _, { ctx }) =>
      `${ctx.config.url}/avatars/u/${of(node).ownerId}`,
    createdAt: (node: RepositoryNode) => timestamp(of(node).createdAt),
    updatedAt: (node: RepositoryNode) => timestamp(of(node).updatedAt),
    pushedAt: (node: RepositoryNode) => {
      const { pushedAt } = of(node);
      return pushedAt === null ? null : timestamp(pushedAt);
    },
    diskUsage: (node: RepositoryNode) => of(node).sizeKib,
    visibility: (node: RepositoryNode) => of(node).visibility.toUpperCase(),
    isPrivate: (node: RepositoryNode) => of(node).visibility !== 'public',
    isEmpty: (node: RepositoryNode) => of(node).pushedAt === null,
    isInOrganization: (node: RepositoryNode) => of(node).ownerKind === 'organization',
    isUserConfigurationRepository: (node: RepositoryNode) =>
      of(node).ownerKind === 'user' && of(node).name.toLowerCase() === of(node).ownerLogin.toLowerCase(),
    forks: (_node, args) => ({ ...emptyConnection(args), totalDiskUsage: 0 }),
    watchers: (_node, args) => emptyConnection(args),
    languages: (_node, args) => ({ ...emptyConnection(args), totalSize: 0 }),
    repositoryTopics: (_node, args) => emptyConnection(args),
    viewerPermission: ({ found }: RepositoryNode) => permissionOf[found.role ?? 'read'],
    viewerCanAdminister: ({ found }: RepositoryNode) => found.role === 'admin',
    viewerDefaultCommitEmail: (_node, _args, asking) => ownEmail(asking),
    viewerPossibleCommitEmails: async (_node, _args, asking) => {
      const email = await ownEmail(asking);
      return email === null ? null : [email];
    },
  },
};

/** The caller's address, as far as the token may know it. */
async function ownEmail(asking: Asking): Promise<string | null> {
  const target = { kind: 'account', accountId: asking.account.id } as const;
  if (!asking.ask(asking.actor, 'emails.read', target).allowed) return null;
  return (await asking.owner(asking.account.id))?.email ?? null;
}
