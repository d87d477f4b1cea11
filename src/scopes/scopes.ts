// The catalogue of classic scopes, what implies what, and the normal form in which scopes are stored and shown.
// Source: ghes-spec 4.1 (catalogue), 4.2 (normal form). Deletions from this list would silently widen nothing,
// but they would strand stored tokens: never remove a scope, mark it.

interface ScopeRow {
  readonly parent?: string;
  /** What it lets a token do, in the words of the form. */
  readonly grants: string;
  /** True: nothing in Latchkey asks for it yet; the form says so. */
  readonly idle?: true;
}

const catalogue = {
  repo: { grants: 'Full control of private repositories' },
  'repo:status': { parent: 'repo', grants: 'Access commit status' },
  repo_deployment: { parent: 'repo', grants: 'Access deployment status', idle: true },
  public_repo: { parent: 'repo', grants: 'Access public repositories' },
  'repo:invite': { parent: 'repo', grants: 'Access repository invitations' },
  security_events: { parent: 'repo', grants: 'Read and write security events', idle: true },
  workflow: { grants: 'Update workflow files' },
  'write:packages': { grants: 'Upload packages', idle: true },
  'read:packages': { parent: 'write:packages', grants: 'Download packages', idle: true },
  'delete:packages': { grants: 'Delete packages', idle: true },
  'admin:org': { grants: 'Full control of organizations and teams' },
  'write:org': {
    parent: 'admin:org',
    grants: 'Read and write organization membership and teams',
  },
  'read:org': { parent: 'write:org', grants: 'Read organization membership and teams' },
  'manage_runners:org': { parent: 'admin:org', grants: 'Manage organization runners', idle: true },
  'admin:public_key': { grants: 'Full control of your public keys' },
  'write:public_key': { parent: 'admin:public_key', grants: 'Add public keys' },
  'read:public_key': { parent: 'write:public_key', grants: 'Read your public keys' },
  'admin:repo_hook': { grants: 'Full control of repository hooks' },
  'write:repo_hook': { parent: 'admin:repo_hook', grants: 'Write repository hooks' },
  'read:repo_hook': { parent: 'write:repo_hook', grants: 'Read repository hooks' },
  'admin:org_hook': { grants: 'Full control of organization hooks', idle: true },
  gist: { grants: 'Create gists', idle: true },
  notifications: { grants: 'Access notifications', idle: true },
  user: { grants: 'Update all of your profile' },
  'read:user': { parent: 'user', grants: 'Read all of your profile' },
  'user:email': { parent: 'user', grants: 'Read your email addresses' },
  'user:follow': { parent: 'user', grants: 'Follow and unfollow people', idle: true },
  delete_repo: { grants: 'Delete repositories' },
  'write:discussion': { grants: 'Read and write team discussions', idle: true },
  'read:discussion': { parent: 'write:discussion', grants: 'Read team discussions', idle: true },
  'admin:enterprise': { grants: 'Full control of the enterprise' },
  'manage_runners:enterprise': {
    parent: 'admin:enterprise',
    grants: 'Manage enterprise runners',
    idle: true,
  },
  'manage_billing:enterprise': {
    parent: 'admin:enterprise',
    grants: 'Manage enterprise billing',
    idle: true,
  },
  'read:enterprise': { parent: 'admin:enterprise', grants: 'Read enterprise profile data', idle: true },
  audit_log: { grants: 'Full control of the audit log' },
  'read:audit_log': { parent: 'audit_log', grants: 'Read the audit log' },
  project: { grants: 'Full control of projects', idle: true },
  'read:project': { parent: 'project', grants: 'Read projects', idle: true },
  'admin:gpg_key': { grants: 'Full control of your GPG keys' },
  'write:gpg_key': { parent: 'admin:gpg_key', grants: 'Add GPG keys' },
  'read:gpg_key': { parent: 'write:gpg_key', grants: 'Read your GPG keys' },
  'admin:ssh_signing_key': { grants: 'Full control of your SSH signing keys' },
  'write:ssh_signing_key': { parent: 'admin:ssh_signing_key', grants: 'Add SSH signing keys' },
  'read:ssh_signing_key': {
    parent: 'write:ssh_signing_key',
    grants: 'Read your SSH signing keys',
  },
  site_admin: { grants: 'Site administration, for site administrators only' },
  'admin:pre_receive_hook': { grants: 'Control enforcement of pre-receive hooks', idle: true },
} as const satisfies Record<string, ScopeRow>;

export type Scope = keyof typeof catalogue;

/** A set of scopes in normal form: sorted, and nothing in it that another one of it implies. */
export type Scopes = readonly Scope[];

/** Older or alternative names that are understood on input and replaced (ghes-spec 16.5). */
const aliases: Readonly<Record<string, Scope>> = { 'admin:business': 'admin:enterprise' };

const rows: Readonly<Record<Scope, ScopeRow>> = catalogue;

/** Every scope, in the order of the form. */
export const allScopes: Scopes = Object.keys(catalogue) as Scope[];

/** The scope of this name or alias, if there is one. Case matters, as on GHES. */
export function scopeNamed(name: string): Scope | undefined {
  if (Object.hasOwn(catalogue, name)) return name as Scope;
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}

export function parentOf(scope: Scope): Scope | undefined {
  return rows[scope].parent as Scope | undefined;
}

export function childrenOf(scope: Scope): Scopes {
  return allScopes.filter((other) => parentOf(other) === scope);
}

export function describeScope(scope: Scope): string {
  return rows[scope].grants;
}

/** True if nothing in Latchkey asks for this scope yet. */
export function isIdle(scope: Scope): boolean {
  return rows[scope].idle === true;
}

/** True if holding `held` includes all that `wanted` opens: the same scope or a descendant of it. */
export function implies(held: Scope, wanted: Scope): boolean {
  for (let scope: Scope | undefined = wanted; scope !== undefined; scope = parentOf(scope)) {
    if (scope === held) return true;
  }
  return false;
}

/** True if one of the held scopes opens what any one of the accepted scopes opens. */
export function satisfies(held: Scopes, accepted: Scopes): boolean {
  return accepted.some((wanted) => held.some((scope) => implies(scope, wanted)));
}

/** Drops what others imply, and duplicates, and sorts: `user, gist, user:email` becomes `gist, user`. */
export function normalForm(scopes: Iterable<Scope>): Scopes {
  const given = [...new Set(scopes)];
  return given.filter((scope) => !given.some((other) => other !== scope && implies(other, scope))).sort();
}

export type ParsedScopes = { readonly scopes: Scopes } | { readonly unknown: readonly string[] };

/** Reads scope names, in any order and with repetitions, into normal form; all unknown names are reported. */
export function parseScopes(names: Iterable<string>): ParsedScopes {
  const known: Scope[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const scope = scopeNamed(name);
    if (scope === undefined) unknown.push(name);
    else known.push(scope);
  }
  return unknown.length > 0 ? { unknown } : { scopes: normalForm(known) };
}

/** Splits `repo gist`, `repo,gist` or `repo, gist` into names (ghes-spec 4.2: input forms). */
export function splitScopeText(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}

/** What an application asks for: the scopes in a text, in normal form; names that are none are left out. */
export function knownScopes(text: string): Scopes {
  return normalForm(splitScopeText(text).flatMap((name) => scopeNamed(name) ?? []));
}
