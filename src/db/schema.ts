// Every table of the database, as Kysely sees it. Columns hold only what SQLite and PostgreSQL share:
// integers (ids, booleans as 0/1, instants as milliseconds since 1970), text and bytes.
import type { Generated } from 'kysely';

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;
/** 0 or 1. */
export type Flag = number;

export interface SettingsTable {
  name: string;
  value: string;
}

export interface SequencesTable {
  name: string;
  /** The next number to hand out; numbers are never handed out twice. */
  next: number;
}

export interface AccountsTable {
  id: Generated<number>;
  kind: 'user' | 'organization';
  login: string;
  /** The login in lower case: logins are unique without regard to case. */
  login_key: string;
  name: string | null;
  email: string | null;
  /** The e-mail address in lower case, unique. */
  email_key: string | null;
  site_admin: Generated<Flag>;
  /** PHC string of Argon2id; null until a password was chosen. */
  password_hash: string | null;
  suspended_at: Instant | null;
  /** As it was given; null: none was, or the account is not suspended. */
  suspension_reason: string | null;
  created_at: Instant;
  updated_at: Instant;
}

export interface SessionsTable {
  id: Generated<number>;
  account_id: number;
  secret_hash: Uint8Array;
  created_at: Instant;
  last_used_at: Instant;
  address: string;
  user_agent: string;
  /** When the person last proved who they are, or did something that takes sudo mode. */
  sudo_at: Generated<Instant>;
  /** What was proved beside the password at sign-in; a passkey needs no password beside it. */
  second_factor: 'app' | 'security-key' | 'passkey' | 'recovery-code' | null;
}

/** The authenticator app of an account: one at most. */
export interface AuthenticatorAppsTable {
  account_id: number;
  /** Sealed with the key in DATA/keys (accounts/sealing.ts). */
  sealed_secret: Uint8Array;
  /** The time step of the latest code that was accepted: it and earlier ones are used up. */
  last_step: number;
  created_at: Instant;
  last_used_at: Instant | null;
}

/** Public keys of passkeys and security keys (WebAuthn credentials). */
export interface PasskeysTable {
  id: Generated<number>;
  account_id: number;
  kind: 'passkey' | 'security-key';
  name: string;
  /** base64url */
  credential_id: string;
  /** COSE key */
  public_key: Uint8Array;
  counter: number;
  /** Joined by single spaces. */
  transports: string;
  created_at: Instant;
  last_used_at: Instant | null;
}

/** Those that are not used yet. */
export interface RecoveryCodesTable {
  account_id: number;
  code_hash: Uint8Array;
}

/** Who has proved the password, and still has to prove a second factor. */
export interface HalfSignInsTable {
  secret_hash: Uint8Array;
  account_id: number;
  expires_at: Instant;
}

/** What passkeys are to sign; each once. */
export interface PasskeyChallengesTable {
  /** SHA-256 of the secret by which the browser is known: of its session, its half sign-in, or a visitor's. */
  bound_to: Uint8Array;
  purpose: string;
  /** base64url */
  challenge: string;
  expires_at: Instant;
}

export interface OneTimeLinksTable {
  id: Generated<number>;
  purpose: 'setup' | 'password';
  /** Whose password it sets; null for the set-up link. */
  account_id: number | null;
  code_hash: Uint8Array;
  created_at: Instant;
  /** Null: valid until used (the set-up link; each start of the server replaces it). */
  expires_at: Instant | null;
}

export interface SignInFailuresTable {
  /** What is throttled: a digest of (account or name typed, address), or of the address alone. */
  bucket: string;
  failures: number;
  /** When the latest failure happened. */
  since: Instant;
}

export interface TokensTable {
  id: Generated<number>;
  account_id: number;
  /** `impersonation`: made by a site admin, to act as the account. `oauth`: held by an application. */
  kind: 'classic' | 'impersonation' | 'oauth';
  /** Unique among the account's own; of one that an application holds: the application's name as it was. */
  note: string;
  /** Normal form (scopes/scopes.ts), joined by single spaces; empty: no scope. */
  scopes: string;
  secret_hash: Uint8Array;
  last_eight: string;
  created_at: Instant;
  updated_at: Instant;
  /** When the present secret was made: at creation or the last regeneration. */
  issued_at: Instant;
  expires_at: Instant | null;
  last_used_at: Instant | null;
  /** Of an impersonation: login of the site admin who made it, as it was then. */
  made_by_login: string | null;
  /** The application that holds it; null: a personal access token. */
  application_id: number | null;
}

/** Applications that people may let act for them (ghes-spec 8). */
export interface OAuthApplicationsTable {
  id: Generated<number>;
  /** Null: known to every instance from the start (ghes-spec 8.3). */
  owner_id: number | null;
  /** 20 hexadecimal digits. */
  client_id: string;
  name: string;
  /** Of its homepage. */
  url: string;
  description: string | null;
  /** Joined by single spaces; the first is where people are led when a request names none. */
  callback_urls: string;
  /** Can't keep a secret, and proves itself by PKCE, a loopback address or a device code alone. */
  is_public: Flag;
  /** May it use the device flow? */
  device_flow: Flag;
  /** Switched off by a site admin otherwise: nobody can authorize it, and its tokens are dead while it is off. */
  enabled: Flag;
  created_at: Instant;
  updated_at: Instant;
}

export interface OAuthClientSecretsTable {
  id: Generated<number>;
  application_id: number;
  secret_hash: Uint8Array;
  last_eight: string;
  added_by: number | null;
  created_at: Instant;
  last_used_at: Instant | null;
}

/** That a person lets an application act for them, until they revoke it. */
export interface OAuthAuthorizationsTable {
  id: Generated<number>;
  account_id: number;
  application_id: number;
  /** All that were ever granted, in normal form, joined by single spaces. */
  scopes: string;
  created_at: Instant;
  updated_at: Instant;
}

/** What a browser carries to an application, to be exchanged for a token once. */
export interface OAuthCodesTable {
  code_hash: Uint8Array;
  application_id: number;
  account_id: number;
  scopes: string;
  /** As it stood in the request; null: it stood not there. */
  redirect_uri: string | null;
  /** Of PKCE, S256; null: none. */
  code_challenge: string | null;
  expires_at: Instant;
  /** The token that it was exchanged for; null: not yet. It ends when the code comes a second time (RFC 9700 §4.5). */
  token_id: number | null;
}

export interface OAuthDeviceCodesTable {
  device_code_hash: Uint8Array;
  /** Of the eight letters that the person types, in upper case without the dash. */
  user_code_hash: Uint8Array;
  application_id: number;
  /** Asked for; once approved: granted. */
  scopes: string;
  state: 'pending' | 'approved' | 'denied';
  /** Who approved or denied it. */
  account_id: number | null;
  interval_seconds: number;
  last_polled_at: Instant | null;
  expires_at: Instant;
}

/** Logins that accounts had before they were renamed. */
export interface FormerLoginsTable {
  /** In lower case. */
  login_key: string;
  account_id: number;
}

/** Names that are kept for who had them. */
export interface KeptNamesTable {
  login_key: string;
  login: string;
  /** Null: the account that had it is gone. */
  account_id: number | null;
  until: Instant;
}

export interface RepositoriesTable {
  id: number;
  owner_id: number;
  name: string;
  /** The name in lower case, unique per owner. */
  name_key: string;
  description: string | null;
  visibility: 'public' | 'internal' | 'private';
  default_branch: string;
  /** Size on disk, in KiB, as of the last push. */
  size_kib: Generated<number>;
  created_at: Instant;
  updated_at: Instant;
  pushed_at: Instant | null;
}

export interface RepositoryRedirectsTable {
  owner_id: number;
  name_key: string;
  repository_id: number;
}

export interface CollaboratorsTable {
  repository_id: number;
  account_id: number;
  role: 'read' | 'write' | 'admin';
  created_at: Instant;
}

/** A mail that waits to be sent; the row goes when it was. */
export interface OutboxTable {
  id: Generated<number>;
  account_id: number;
  /** The address as it was when the mail was written. */
  recipient: string;
  subject: string;
  body: string;
  /** Of the mail's header, so that one that is sent twice is recognised. */
  message_id: string;
  created_at: Instant;
  tries: Generated<number>;
  /** Not before; while it is being sent: when another process may try. */
  next_try_at: Instant;
  /** Who sends it at present. */
  claim: string | null;
  /** What the mail server said to the last try. */
  last_error: string | null;
  given_up_at: Instant | null;
}

/** What a person is told on the pages until they dismiss it. */
export interface NoticesTable {
  id: Generated<number>;
  account_id: number;
  /** The notice goes with this token; null: it is about none, or one that is gone. */
  token_id: number | null;
  text: string;
  /** Where it leads on this instance. */
  path: string;
  /** Is there something to do? Then it stands on top of the other pages too. */
  urgent: Flag;
  created_at: Instant;
}

/** Which notices were given about a token, so that none is given twice. */
export interface TokenNoticesTable {
  token_id: number;
  /** `week`, `day`: that it expires then; `git`: the line to git, with the time of the latest. */
  kind: 'week' | 'day' | 'git';
  at: Instant;
}

/** How often something of a token was used. */
export interface TokenUsesTable {
  token_id: number;
  kind: 'scope' | 'address' | 'client';
  value: string;
  /** Whole thirty days since 1970: old ones are forgotten one by one. */
  period: number;
  uses: number;
  last_used_at: Instant;
}

/** What differs from the defaults of settings/settings.ts. */
export interface InstanceSettingsTable {
  name: string;
  /** As JSON. */
  value: string;
}

export interface OrganizationsTable {
  /** The row of `accounts` whose kind is `organization`. */
  account_id: number;
  description: string | null;
  /** What every member may do in every repository of it. */
  base_permission: Generated<'none' | 'read' | 'write' | 'admin'>;
  /** May members who are not owners make repositories in it? */
  members_may_create: Generated<Flag>;
  allows_classic_tokens: Generated<Flag>;
}

export interface OrganizationMembersTable {
  organization_id: number;
  account_id: number;
  role: 'owner' | 'member';
  /** Is the membership shown to everybody? */
  is_public: Generated<Flag>;
  created_at: Instant;
}

export interface TeamsTable {
  id: Generated<number>;
  organization_id: number;
  name: string;
  /** The name as it stands in URLs, unique in the organisation. */
  slug: string;
  description: string | null;
  /** What it may do in a repository that it is given without saying which role. */
  role: Generated<'read' | 'write' | 'admin'>;
  created_at: Instant;
  updated_at: Instant;
}

export interface TeamMembersTable {
  team_id: number;
  account_id: number;
  created_at: Instant;
}

export interface TeamRepositoriesTable {
  team_id: number;
  repository_id: number;
  role: 'read' | 'write' | 'admin';
  created_at: Instant;
}

/** Somebody is asked to join an organisation; the row goes when they answer. */
export interface OrganizationInvitationsTable {
  id: Generated<number>;
  organization_id: number;
  /** Null: somebody was asked by an address. */
  account_id: number | null;
  email: string | null;
  /** In lower case. */
  email_key: string | null;
  inviter_id: number;
  role: 'owner' | 'member';
  created_at: Instant;
}

/** The teams that somebody joins with the organisation. */
export interface OrganizationInvitationTeamsTable {
  invitation_id: number;
  team_id: number;
}

/** Somebody is asked to work on a repository; the row goes when they answer. */
export interface RepositoryInvitationsTable {
  id: Generated<number>;
  repository_id: number;
  account_id: number;
  inviter_id: number;
  role: 'read' | 'write' | 'admin';
  created_at: Instant;
}

/** A repository is offered to a person; the row goes when they answer, or after their day. */
export interface RepositoryTransfersTable {
  id: Generated<number>;
  repository_id: number;
  /** Who is to own it. */
  account_id: number;
  requester_id: number;
  /** Null: it keeps its name. */
  new_name: string | null;
  created_at: Instant;
  expires_at: Instant;
}

export interface AuditEventsTable {
  id: Generated<number>;
  /** Whose chain it is in (audit/chain.ts), and its place there, from 1. */
  node: string;
  number: number;
  at: Instant;
  /** `oauth_access.create`. */
  action: string;
  operation: 'create' | 'modify' | 'remove' | 'access' | 'authentication' | 'restore' | 'transfer';
  actor_id: number | null;
  actor_login: string | null;
  user_id: number | null;
  user_login: string | null;
  organization_id: number | null;
  organization_login: string | null;
  repository_id: number | null;
  /** `owner/name` as it was then. */
  repository_name: string | null;
  /** The token by which it was done. */
  token_id: number | null;
  /** SHA-256 of that token. */
  hashed_token: Uint8Array | null;
  /** The token that was made, changed or deleted. */
  about_token_id: number | null;
  about_hashed_token: Uint8Array | null;
  address: string | null;
  user_agent: string | null;
  request_id: string | null;
  /** JSON: what else belongs to this action. */
  data: string;
  /** Keyed hash over the row and the one before it. */
  mac: Uint8Array;
}

/** A node's chain of rows of the security log: where it begins and where it ends. */
export interface AuditChainsTable {
  node: string;
  /** The newest row: its number and hash, and the node's signature that it is the newest. */
  number: number;
  mac: Uint8Array;
  signature: Uint8Array;
  /** The last row that was removed because of its age, likewise; 0: none. */
  pruned_number: number;
  pruned_mac: Uint8Array | null;
  pruned_at: Instant | null;
  pruned_signature: Uint8Array | null;
}

/** People's SSH keys and deploy keys. */
export interface SshKeysTable {
  id: Generated<number>;
  /** Whose it is; null: a deploy key, which is nobody's. */
  account_id: number | null;
  /** The one repository that it opens; null: a person's. */
  repository_id: number | null;
  title: string;
  type: KeyType;
  /** `TYPE BASE64`. */
  key: string;
  /** `SHA256:…`; one key has one owner on the whole instance. */
  fingerprint: string;
  read_only: Flag;
  /** Others don't authenticate until they are approved. */
  verified: Flag;
  enabled: Flag;
  may_change_workflows: Flag;
  /** Null: the operator, or somebody whose account is gone. */
  added_by: number | null;
  made_by: 'person' | 'token' | 'application';
  /** The token that made it. */
  token_id: number | null;
  /** The application whose token made it. */
  application_id: number | null;
  created_at: Instant;
  last_used_at: Instant | null;
}

type KeyType =
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'ssh-rsa'
  | 'sk-ssh-ed25519@openssh.com'
  | 'sk-ecdsa-sha2-nistp256@openssh.com';
export interface CommitStatusesTable {
  id: Generated<number>;
  repository_id: number;
  sha: string;
  context: string;
  state: 'error' | 'failure' | 'pending' | 'success';
  description: string | null;
  target_url: string | null;
  /** Null: the account is gone. */
  creator_id: number | null;
  created_at: Instant;
}

export interface HooksTable {
  id: Generated<number>;
  repository_id: number;
  url: string;
  content_type: 'json' | 'form';
  /** What deliveries are signed with; kept as it is, since a signature takes the text itself. */
  secret: string | null;
  /** JSON: names of events, sorted. */
  events: string;
  active: Flag;
  created_at: Instant;
  updated_at: Instant;
}

export interface HookDeliveriesTable {
  id: Generated<number>;
  hook_id: number;
  /** What the receiver knows it by; the same for every delivery of one event to one hook. */
  guid: string;
  event: string;
  action: string | null;
  /** JSON. */
  payload: string;
  redelivery: Flag;
  created_at: Instant;
  tries: Generated<number>;
  /** Not before; while it is being sent: when another process may try. Null: it is over. */
  next_try_at: Instant | null;
  /** Who sends it at present. */
  claim: string | null;
  /** When the latest try ended. */
  delivered_at: Instant | null;
  duration_ms: number | null;
  /** In words: `OK`, `timed out`. */
  status: string;
  /** Of the answer; 0: there was none. */
  status_code: Generated<number>;
  /** JSON, as the two below; the beginning of what was sent and answered. */
  request_headers: string | null;
  response_headers: string | null;
  response_body: string | null;
}

/** Addresses of people beside the one of their account. */
export interface AccountEmailsTable {
  id: Generated<number>;
  account_id: number;
  email: string;
  /** In lower case, unique. */
  email_key: string;
  verified_at: Instant | null;
  /** Of the link that was mailed to it. */
  code_hash: Uint8Array | null;
  code_expires_at: Instant | null;
  created_at: Instant;
}

/** What people say of themselves; no row: nothing yet. */
export interface ProfilesTable {
  account_id: number;
  blog: string | null;
  company: string | null;
  location: string | null;
  bio: string | null;
  twitter_username: string | null;
  hireable: Flag | null;
  email_is_public: Generated<Flag>;
  /** The account's own address, in lower case, as it was when it was verified. */
  verified_email_key: string | null;
}

/** OpenPGP keys and, with `primary_id`, their subkeys. */
export interface GpgKeysTable {
  id: Generated<number>;
  account_id: number;
  primary_id: number | null;
  name: string | null;
  /** 16 hexadecimal digits. */
  key_id: string;
  /** Null for subkeys: anybody can bind anybody's to a key of their own. */
  fingerprint: string | null;
  /** Base64 of the packet. */
  public_key: string;
  /** As it was given; null for subkeys. */
  raw_key: string | null;
  /** JSON: addresses of the user ids. */
  emails: string;
  /** JSON: names of signing/openpgp.ts. */
  capabilities: string;
  revoked: Flag;
  key_created_at: Instant;
  expires_at: Instant | null;
  created_at: Instant;
}

/** SSH keys that sign, and open nothing. */
export interface SigningKeysTable {
  id: Generated<number>;
  account_id: number;
  title: string;
  /** `TYPE BASE64`. */
  key: string;
  fingerprint: string;
  created_at: Instant;
}

export interface Schema {
  former_logins: FormerLoginsTable;
  kept_names: KeptNamesTable;
  settings: SettingsTable;
  sequences: SequencesTable;
  accounts: AccountsTable;
  sessions: SessionsTable;
  authenticator_apps: AuthenticatorAppsTable;
  passkeys: PasskeysTable;
  recovery_codes: RecoveryCodesTable;
  half_sign_ins: HalfSignInsTable;
  passkey_challenges: PasskeyChallengesTable;
  one_time_links: OneTimeLinksTable;
  sign_in_failures: SignInFailuresTable;
  tokens: TokensTable;
  repositories: RepositoriesTable;
  repository_redirects: RepositoryRedirectsTable;
  collaborators: CollaboratorsTable;
  outbox: OutboxTable;
  notices: NoticesTable;
  token_notices: TokenNoticesTable;
  token_uses: TokenUsesTable;
  instance_settings: InstanceSettingsTable;
  organizations: OrganizationsTable;
  organization_members: OrganizationMembersTable;
  teams: TeamsTable;
  team_members: TeamMembersTable;
  team_repositories: TeamRepositoriesTable;
  organization_invitations: OrganizationInvitationsTable;
  organization_invitation_teams: OrganizationInvitationTeamsTable;
  repository_invitations: RepositoryInvitationsTable;
  repository_transfers: RepositoryTransfersTable;
  audit_events: AuditEventsTable;
  audit_chains: AuditChainsTable;
  ssh_keys: SshKeysTable;
  commit_statuses: CommitStatusesTable;
  hooks: HooksTable;
  hook_deliveries: HookDeliveriesTable;
  account_emails: AccountEmailsTable;
  profiles: ProfilesTable;
  gpg_keys: GpgKeysTable;
  signing_keys: SigningKeysTable;
  oauth_applications: OAuthApplicationsTable;
  oauth_client_secrets: OAuthClientSecretsTable;
  oauth_authorizations: OAuthAuthorizationsTable;
  oauth_codes: OAuthCodesTable;
  oauth_device_codes: OAuthDeviceCodesTable;
}
