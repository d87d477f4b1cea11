import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allScopes,
  childrenOf,
  implies,
  normalForm,
  parentOf,
  parseScopes,
  type Scope,
  satisfies,
  splitScopeText,
} from './scopes.ts';

const some = fc.subarray([...allScopes]);

describe('the scope catalogue', () => {
  it('has the whole tree of the specification', () => {
    // ghes-spec 4.1, parent by parent; the order is that of the form.
    const roots = allScopes.filter((scope) => parentOf(scope) === undefined);
    expect(roots).toEqual([
      'repo',
      'workflow',
      'write:packages',
      'delete:packages',
      'admin:org',
      'admin:public_key',
      'admin:repo_hook',
      'admin:org_hook',
      'gist',
      'notifications',
      'user',
      'delete_repo',
      'write:discussion',
      'admin:enterprise',
      'audit_log',
      'project',
      'admin:gpg_key',
      'admin:ssh_signing_key',
      'site_admin',
      'admin:pre_receive_hook',
    ]);
    const below = allScopes.flatMap((scope) => {
      const children = childrenOf(scope);
      return children.length === 0 ? [] : [[scope, children.join(' ')]];
    });
    expect(Object.fromEntries(below)).toEqual({
      repo: 'repo:status repo_deployment public_repo repo:invite security_events',
      'write:packages': 'read:packages',
      'admin:org': 'write:org manage_runners:org',
      'write:org': 'read:org',
      'admin:public_key': 'write:public_key',
      'write:public_key': 'read:public_key',
      'admin:repo_hook': 'write:repo_hook',
      'write:repo_hook': 'read:repo_hook',
      user: 'read:user user:email user:follow',
      'write:discussion': 'read:discussion',
      'admin:enterprise': 'manage_runners:enterprise manage_billing:enterprise read:enterprise',
      audit_log: 'read:audit_log',
      project: 'read:project',
      'admin:gpg_key': 'write:gpg_key',
      'write:gpg_key': 'read:gpg_key',
      'admin:ssh_signing_key': 'write:ssh_signing_key',
      'write:ssh_signing_key': 'read:ssh_signing_key',
    });
  });

  it('lists each parent before its children', () => {
    for (const [index, scope] of allScopes.entries()) {
      const parent = parentOf(scope);
      if (parent !== undefined) expect(allScopes.indexOf(parent)).toBeLessThan(index);
    }
  });

  it('implies down the tree, never up or across', () => {
    expect(implies('admin:org', 'read:org')).toBe(true);
    expect(implies('repo', 'public_repo')).toBe(true);
    expect(implies('read:org', 'admin:org')).toBe(false);
    expect(implies('read:user', 'user:email')).toBe(false);
    expect(implies('repo', 'delete_repo')).toBe(false);
    expect(implies('repo', 'admin:repo_hook')).toBe(false);
  });
});

describe('the normal form', () => {
  it('turns user, gist, user:email into gist, user', () => {
    expect(normalForm(['user', 'gist', 'user:email'])).toEqual(['gist', 'user']);
  });

  it('of everything ticked holds what a real server was seen to store', () => {
    // ghes-spec 4.1: the recorded token, plus the three parents that are newer than it.
    expect(normalForm(allScopes)).toEqual(
      [
        'admin:enterprise',
        'admin:gpg_key',
        'admin:org',
        'admin:org_hook',
        'admin:pre_receive_hook',
        'admin:public_key',
        'admin:repo_hook',
        'delete:packages',
        'delete_repo',
        'gist',
        'notifications',
        'repo',
        'site_admin',
        'user',
        'workflow',
        'write:discussion',
        'write:packages',
        'project',
        'audit_log',
        'admin:ssh_signing_key',
      ].sort(),
    );
  });

  it('is sorted, holds nothing implied, and grants neither more nor less than what was ticked', () => {
    fc.assert(
      fc.property(some, (scopes) => {
        const normal = normalForm(scopes);
        expect(normal).toEqual([...normal].sort());
        for (const one of normal) {
          for (const other of normal) if (one !== other) expect(implies(one, other)).toBe(false);
        }
        const opens = (held: readonly Scope[]) => allScopes.filter((scope) => satisfies(held, [scope]));
        expect(opens(normal)).toEqual(opens(scopes));
      }),
    );
  });

  it('does not change when made again, nor with the order of what was ticked', () => {
    fc.assert(
      fc.property(some, (scopes) => {
        const normal = normalForm(scopes);
        expect(normalForm(normal)).toEqual(normal);
        expect(normalForm([...scopes].reverse())).toEqual(normal);
      }),
    );
  });
});

describe('reading scopes', () => {
  it('takes spaces, commas or both between names', () => {
    expect(splitScopeText('repo gist')).toEqual(['repo', 'gist']);
    expect(splitScopeText('repo,gist, user')).toEqual(['repo', 'gist', 'user']);
    expect(splitScopeText('  ')).toEqual([]);
  });

  it('reports every name that there is not', () => {
    expect(parseScopes(['repo', 'rpeo', 'constructor', '__proto__'])).toEqual({
      unknown: ['rpeo', 'constructor', '__proto__'],
    });
    expect(parseScopes(['repo', 'repo'])).toEqual({ scopes: ['repo'] });
  });

  it('understands the older name of admin:enterprise', () => {
    expect(parseScopes(['admin:business'])).toEqual({ scopes: ['admin:enterprise'] });
  });
});
