// What each scope opens, in words for people who are asked to grant it and have never heard of it.
import { describeScope, isIdle, type Scope } from '../scopes/scopes.ts';

const words: Partial<Readonly<Record<Scope, string>>> = {
  repo: 'Read and change everything in all repositories that you can reach, private ones too: code, settings, webhooks, collaborators and deploy keys.',
  'repo:status': 'Read and set the statuses of commits, in private repositories too, but not see their code.',
  public_repo: 'Read and change public repositories that you can write to, with their settings and webhooks.',
  'repo:invite': 'See, accept and decline invitations to repositories that others have sent you.',
  workflow: 'Add and change workflow files, which run programs when something is pushed.',
  'admin:org': 'Manage your organizations: their settings, members, teams and repositories.',
  'write:org': 'See and change who belongs to your organizations and their teams.',
  'read:org': 'See which organizations and teams you belong to, and who else does.',
  'admin:public_key': 'See, add and delete your SSH keys. Whoever adds a key of theirs can use Git as you.',
  'write:public_key': 'See and add SSH keys of yours. Whoever adds a key of theirs can use Git as you.',
  'read:public_key': 'See your SSH keys.',
  'admin:repo_hook': 'See, add, change and delete webhooks of your repositories.',
  'write:repo_hook': 'See, add and change webhooks of your repositories.',
  'read:repo_hook': 'See the webhooks of your repositories.',
  user: 'Read and change your profile and your email addresses.',
  'read:user': 'Read all of your profile, what is private in it too.',
  'user:email': 'See your email addresses, private ones too.',
  delete_repo: 'Delete repositories that you administer.',
  'admin:enterprise': 'Manage this whole server, if you are one of its administrators.',
  audit_log: 'Read the security logs of your organizations, and of the server if you administer it.',
  'read:audit_log': 'Read the security logs of your organizations, and of the server if you administer it.',
  'admin:gpg_key': 'See, add and delete your GPG keys, by which others know your commits.',
  'write:gpg_key': 'See and add GPG keys of yours, by which others know your commits.',
  'read:gpg_key': 'See your GPG keys.',
  'admin:ssh_signing_key': 'See, add and delete the SSH keys by which you sign commits.',
  'write:ssh_signing_key': 'See and add SSH keys by which you sign commits.',
  'read:ssh_signing_key': 'See the SSH keys by which you sign commits.',
  site_admin: 'Administer this server as you can: everybody’s accounts, tokens and keys.',
};

/** A sentence or two: "See your SSH keys." */
export function scopeWords(scope: Scope): string {
  const sentence = words[scope] ?? `${describeScope(scope)}.`;
  return isIdle(scope) ? `${sentence} Nothing on this server asks for it yet.` : sentence;
}
