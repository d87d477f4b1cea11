// What GitHub Enterprise Server answers without its description saying so, in the words of the description of
// GitHub.com: invitations into organisations, and the 201 of `PUT …/collaborators/{username}` that makes one of the
// invitations for which the description has all other operations.

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const listOf = (schema: object) => json({ type: 'array', items: schema });
const nullableText = { type: 'string', nullable: true };
const nothing = { description: 'Response' };

const organizationInvitation = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    login: nullableText,
    email: nullableText,
    role: { type: 'string' },
    created_at: { type: 'string' },
    failed_at: nullableText,
    failed_reason: nullableText,
    inviter: { $ref: '#/components/schemas/simple-user' },
    team_count: { type: 'integer' },
    node_id: { type: 'string' },
    invitation_teams_url: { type: 'string' },
    invitation_source: { type: 'string' },
  },
  required: [
    'id',
    'login',
    'email',
    'role',
    'created_at',
    'inviter',
    'team_count',
    'invitation_teams_url',
    'node_id',
  ],
};

/** By path and method, the answers that are to be added. */
export const moreAnswers: Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, object>>>>>
> = {
  '/orgs/{org}/invitations': {
    get: { '200': listOf(organizationInvitation) },
    post: { '201': json(organizationInvitation) },
  },
  '/orgs/{org}/failed_invitations': { get: { '200': listOf(organizationInvitation) } },
  '/orgs/{org}/invitations/{invitation_id}': { delete: { '204': nothing } },
  '/orgs/{org}/invitations/{invitation_id}/teams': {
    get: { '200': listOf({ $ref: '#/components/schemas/team' }) },
  },
  '/repos/{owner}/{repo}/collaborators/{username}': {
    put: { '201': json({ $ref: '#/components/schemas/repository-invitation' }) },
  },
};
