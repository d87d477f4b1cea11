// GitHub's names of the roles in a repository.
import type { RepositoryRole } from '../access/actions.ts';

/** In both of its vocabularies, and ours: the nearest that gives no more. */
const byName: Readonly<Record<string, RepositoryRole>> = {
  pull: 'read',
  read: 'read',
  triage: 'read',
  push: 'write',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
};

/** The role that a name stands for; null: there is none of this name. */
export function roleNamed(name: string): RepositoryRole | null {
  return Object.hasOwn(byName, name) ? (byName[name] ?? null) : null;
}

/** In the vocabulary of teams and of lists: `pull`, `push`, `admin`. */
export function permissionName(role: RepositoryRole): 'pull' | 'push' | 'admin' {
  return role === 'read' ? 'pull' : role === 'write' ? 'push' : 'admin';
}
