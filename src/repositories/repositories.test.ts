import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { valueIn, wrongFields } from '../../test/context.ts';
import { type RepositoriesContext, repositoriesContext } from '../../test/repositories.ts';
import { type Actor, type ActorAccount, anonymous } from '../access/actor.ts';
import { decide } from '../access/decide.ts';
import { createUser } from '../accounts/accounts.ts';
import { normalForm } from '../scopes/scopes.ts';
import { updateRepository } from './changing.ts';
import { listCollaborators, putCollaborator, removeCollaborator, roleOf } from './collaborators.ts';
import { acceptRepositoryInvitation, inviteCollaborator } from './invitations.ts';
import { recordPush } from './pushes.ts';
import {
  createRepository,
  deleteRepository,
  findRepository,
  findRepositoryById,
  findRepositoryNamed,
  listAllRepositories,
  listRepositories,
  type NewRepository,
  type RepositoryList,
} from './repositories.ts';
import { repositoryDirectory } from './storage.ts';

let ctx: RepositoriesContext;

beforeEach(async () => {
  ctx = await repositoriesContext();
});
afterEach(() => ctx.close());

const attempt = (name: string, more: Partial<NewRepository> = {}) =>
  createRepository(ctx, { owner: ctx.ann, name, description: null, visibility: 'private', ...more });
const make = async (name: string, more: Partial<NewRepository> = {}) => valueIn(await attempt(name, more));

const session = (account: ActorAccount): Actor => ({
  kind: 'user',
  account,
  grant: { kind: 'session', sessionId: 1, sudo: true },
});
const token = (account: ActorAccount): Actor => ({
  kind: 'user',
  account,
  grant: {
    kind: 'scopes',
    tokenId: 1,
    tokenHash: new Uint8Array(32),
    scopes: normalForm([]),
    expiresAt: null,
  },
});

const git = (id: number, ...args: string[]) =>
  execFileSync('git', [`--git-dir=${repositoryDirectory(ctx.config, id)}`, ...args], {
    encoding: 'utf8',
    input: '',
    env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  }).trim();

/** Puts a commit on branches, as a push would. */
function push(id: number, ...branches: string[]): void {
  const tree = git(id, 'mktree');
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
  const commit = git(id, ...identity, 'commit-tree', '-m', 'First', tree);
  for (const branch of branches) git(id, 'update-ref', `refs/heads/${branch}`, commit);
}

describe('a new repository', () => {
  it('is a bare one that git takes, with nothing in it but what it needs', async () => {
    const made = await make('Hello.World', { description: '  Words  ' });
    expect(made).toMatchObject({
      ownerLogin: 'Ann',
      name: 'Hello.World',
      description: 'Words',
      visibility: 'private',
      defaultBranch: 'main',
      sizeKib: 0,
      pushedAt: null,
      createdAt: ctx.now(),
    });
    expect(git(made.id, 'rev-parse', '--is-bare-repository')).toBe('true');
    expect(git(made.id, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(git(made.id, 'fsck', '--strict')).toBe('');
    expect(readdirSync(repositoryDirectory(ctx.config, made.id)).sort()).toEqual([
      'HEAD',
      'config',
      'objects',
      'refs',
    ]);
    expect(readdirSync(ctx.config.repositoriesDirectory)).toEqual([`${made.id}.git`]);
  });

  it('can have SHA-256 names and another default branch', async () => {
    const { id } = await make('new', { objectFormat: 'sha256', defaultBranch: 'trunk/main' });
    expect(git(id, 'rev-parse', '--show-object-format')).toBe('sha256');
    expect(git(id, 'symbolic-ref', 'HEAD')).toBe('refs/heads/trunk/main');
  });

  it('cannot have a name that its owner gave already, in whatever letter case', async () => {
    await make('tool');
    expect(await attempt('TOOL')).toMatchObject({ ok: false, problems: [{ code: 'already_exists' }] });
    expect((await attempt('tool', { owner: ctx.bob })).ok).toBe(true);
  });

  it('is made once when two ask at the same time, and nothing is left of the other', async () => {
    const outcomes = await Promise.all(['tool', 'Tool', 'TOOL'].map((name) => attempt(name)));
    expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
    for (const outcome of outcomes.filter((one) => !one.ok)) {
      expect(outcome).toMatchObject({ problems: [{ field: 'name', code: 'already_exists' }] });
    }
    expect(readdirSync(ctx.config.repositoriesDirectory)).toHaveLength(1);
  });

  it('is refused, with all that is wrong, when its name or description cannot be', async () => {
    const description = 'x'.repeat(351);
    expect(wrongFields(await attempt('a b', { description, defaultBranch: 'a..b' }))).toEqual([
      'name',
      'description',
      'default_branch',
    ]);
    expect(existsSync(ctx.config.repositoriesDirectory)).toBe(false);
  });

  it('is refused when its owner is gone', async () => {
    expect(wrongFields(await attempt('tool', { owner: { id: 99, login: 'nobody' } }))).toEqual(['owner']);
    expect(readdirSync(ctx.config.repositoriesDirectory)).toEqual([]);
  });

  it('never gets the number of one before it, also when the database is older than the directories', async () => {
    const first = await make('one');
    await deleteRepository(ctx, first.id);
    for (const id of [first.id + 1, first.id + 4]) mkdirSync(repositoryDirectory(ctx.config, id));
    expect((await make('two')).id).toBe(first.id + 5);
  });
});

describe('finding a repository', () => {
  it('works in any letter case, with .git behind the name, and tells the role', async () => {
    const { id } = await make('Tool');
    valueIn(await putCollaborator(ctx, { id, ownerId: ctx.ann.id }, ctx.bob.id, 'write'));
    for (const name of ['Tool', 'tool', 'TOOL.git', 'tool.GIT']) {
      const target = await findRepository(ctx, session(ctx.ann), 'aNN', name);
      expect(target).toMatchObject({ repositoryId: id, role: 'admin', visibility: 'private' });
      expect(target).not.toHaveProperty('movedTo');
    }
    expect(await findRepository(ctx, session(ctx.bob), 'ann', 'tool')).toMatchObject({ role: 'write' });
    expect(await findRepository(ctx, anonymous, 'ann', 'tool')).toMatchObject({ role: null });
    expect(await findRepositoryById(ctx, token(ctx.bob), id)).toMatchObject({ role: 'write' });
    expect(await findRepositoryNamed(ctx, 'ann', 'tool')).toMatchObject({ id });
  });

  it('finds nothing by what cannot be a name, however long', async () => {
    await make('tool');
    for (const name of ['', '.git', '..', 'tool.git.git', 'tool/', 'to%6fl', 'tool\0', 'x'.repeat(1e6)]) {
      expect(await findRepository(ctx, anonymous, 'ann', name)).toBe(null);
      expect(await findRepository(ctx, anonymous, name, 'tool')).toBe(null);
    }
    for (const id of [0, -1, 1.5, Number.NaN, 2 ** 60]) {
      expect(await findRepositoryById(ctx, anonymous, id)).toBe(null);
    }
  });
});

describe('renaming a repository', () => {
  it('leads from the old name to the new one', async () => {
    const { id } = await make('old');
    valueIn(await updateRepository(ctx, id, { name: 'new' }));
    valueIn(await updateRepository(ctx, id, { name: 'newer' }));
    for (const name of ['old', 'NEW.git']) {
      expect(await findRepository(ctx, anonymous, 'ann', name)).toMatchObject({
        repositoryId: id,
        movedTo: 'Ann/newer',
      });
    }
    expect(await findRepositoryNamed(ctx, 'ann', 'old')).toBe(null);
    expect(await findRepository(ctx, anonymous, 'bob', 'old')).toBe(null);
  });

  it('ends the redirect when somebody takes the old name, by creating or renaming', async () => {
    const first = await make('old');
    valueIn(await updateRepository(ctx, first.id, { name: 'new' }));
    const second = await make('OLD');
    expect(await findRepository(ctx, anonymous, 'ann', 'old')).toMatchObject({ repositoryId: second.id });
    await deleteRepository(ctx, second.id);
    expect(await findRepository(ctx, anonymous, 'ann', 'old')).toBe(null);

    valueIn(await updateRepository(ctx, first.id, { name: 'newer' }));
    const third = await make('other');
    valueIn(await updateRepository(ctx, third.id, { name: 'new' }));
    expect(await findRepository(ctx, anonymous, 'ann', 'new')).toMatchObject({ repositoryId: third.id });
  });

  it('can go back, and can change the letter case alone', async () => {
    const { id } = await make('tool');
    valueIn(await updateRepository(ctx, id, { name: 'toys' }));
    valueIn(await updateRepository(ctx, id, { name: 'tool' }));
    expect(valueIn(await updateRepository(ctx, id, { name: 'Tool' })).name).toBe('Tool');
    expect(await findRepository(ctx, anonymous, 'ann', 'tool')).not.toHaveProperty('movedTo');
    expect(await findRepository(ctx, anonymous, 'ann', 'toys')).toHaveProperty('movedTo', 'Ann/Tool');
  });

  it('is refused when the name is taken, also by two at once', async () => {
    await make('taken');
    const [one, two] = [await make('one'), await make('two')];
    expect(await updateRepository(ctx, one.id, { name: 'Taken' })).toMatchObject({
      problems: [{ field: 'name', code: 'already_exists' }],
    });
    const outcomes = await Promise.all(
      [one, two].map(({ id }) => updateRepository(ctx, id, { name: 'free' })),
    );
    expect(outcomes.map((outcome) => outcome.ok).sort()).toEqual([false, true]);
  });
});

describe('changing a repository', () => {
  it('changes what is given, and says when', async () => {
    const { id } = await make('tool', { description: 'Old' });
    ctx.clock.forward(1000);
    const changed = valueIn(await updateRepository(ctx, id, { visibility: 'public' }));
    expect(changed).toMatchObject({ name: 'tool', description: 'Old', visibility: 'public' });
    expect(changed.updatedAt).toBe(ctx.now());
    expect(valueIn(await updateRepository(ctx, id, { description: ' ' })).description).toBe(null);
  });

  it('changes all or nothing', async () => {
    const { id } = await make('tool');
    await make('taken');
    push(id, 'main', 'next');
    const all = { name: 'taken', visibility: 'public', defaultBranch: 'next' } as const;
    expect(wrongFields(await updateRepository(ctx, id, all))).toEqual(['name']);
    expect(git(id, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
    expect(await findRepositoryNamed(ctx, 'ann', 'tool')).toMatchObject({ visibility: 'private' });
  });

  it('takes as default branch what exists, or anything while nothing does', async () => {
    const { id } = await make('tool');
    expect(valueIn(await updateRepository(ctx, id, { defaultBranch: 'trunk' })).defaultBranch).toBe('trunk');
    push(id, 'main');
    expect(wrongFields(await updateRepository(ctx, id, { defaultBranch: 'other' }))).toEqual([
      'default_branch',
    ]);
    valueIn(await updateRepository(ctx, id, { defaultBranch: 'main' }));
    expect(git(id, 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
  });

  it('is refused once it is deleted', async () => {
    const { id } = await make('tool');
    await deleteRepository(ctx, id);
    expect((await updateRepository(ctx, id, { name: 'other' })).ok).toBe(false);
  });
});

describe('a push', () => {
  it('is noted with its time and the size on disk', async () => {
    const { id } = await make('tool');
    push(id, 'main');
    ctx.clock.forward(5000);
    await recordPush(ctx, id);
    const repository = await findRepositoryNamed(ctx, 'ann', 'tool');
    expect(repository).toMatchObject({ pushedAt: ctx.now(), updatedAt: ctx.now(), defaultBranch: 'main' });
    const du = execFileSync('du', ['-sk', repositoryDirectory(ctx.config, id)], { encoding: 'utf8' });
    expect(repository?.sizeKib).toBeGreaterThan(0);
    expect(repository?.sizeKib).toBeLessThanOrEqual(Number.parseInt(du, 10));
  });

  it.each([
    [['master'], 'master'],
    [['zebra', 'apple'], 'apple'],
    [['apple', 'master'], 'master'],
    [['apple', 'main'], 'main'],
  ])('of %j to an empty repository makes %s the default branch', async (branches, expected) => {
    const { id } = await make('tool');
    push(id, ...branches);
    await recordPush(ctx, id);
    expect(git(id, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${expected}`);
    expect(await findRepositoryNamed(ctx, 'ann', 'tool')).toMatchObject({ defaultBranch: expected });
  });

  it('that ends after the repository was deleted brings nothing back', async () => {
    const { id } = await make('tool');
    await deleteRepository(ctx, id);
    await recordPush(ctx, id);
    expect(await findRepositoryById(ctx, anonymous, id)).toBe(null);
    expect(readdirSync(ctx.config.repositoriesDirectory)).toEqual([]);
  });
});

describe('deleting a repository', () => {
  it('hides it at once, with its former names and collaborators, and keeps it in the trash', async () => {
    const { id, ownerId } = await make('tool');
    push(id, 'main');
    valueIn(await updateRepository(ctx, id, { name: 'toys' }));
    valueIn(await putCollaborator(ctx, { id, ownerId }, ctx.bob.id, 'read'));
    expect(await deleteRepository(ctx, id)).toBe(true);
    expect(await findRepository(ctx, anonymous, 'ann', 'toys')).toBe(null);
    expect(await findRepository(ctx, anonymous, 'ann', 'tool')).toBe(null);
    expect(await roleOf(ctx, { id, ownerId }, ctx.bob.id)).toBe(null);
    const [trashed = ''] = readdirSync(ctx.config.trashDirectory);
    expect(trashed).toMatch(new RegExp(`^${id}\\.git-\\d+$`));
    expect(readFileSync(join(ctx.config.trashDirectory, trashed, 'description'), 'utf8')).toContain(
      'Ann/toys',
    );
    expect(await deleteRepository(ctx, id)).toBe(false);
  });

  it('works also when the directory is gone already', async () => {
    const { id } = await make('tool');
    rmSync(repositoryDirectory(ctx.config, id), { recursive: true });
    expect(await deleteRepository(ctx, id)).toBe(true);
  });
});

describe('a list of repositories', () => {
  const usual: RepositoryList = { sort: 'full_name', direction: 'asc', page: 1, perPage: 30 };
  const names = async (actor: Actor, more: Partial<RepositoryList> = {}) => {
    const { items, total } = await listRepositories(ctx, { actor, ask: decide }, { ...usual, ...more });
    return { names: items.map(({ repository }) => repository.name), total };
  };

  beforeEach(async () => {
    await make('open', { visibility: 'public' });
    ctx.clock.forward(1);
    const shared = await make('Shared');
    ctx.clock.forward(1);
    await make('closed');
    ctx.clock.forward(1);
    await make('theirs', { owner: ctx.bob });
    valueIn(await putCollaborator(ctx, shared, ctx.bob.id, 'read'));
  });

  it('holds what the caller may see, and nothing else', async () => {
    expect(await names(anonymous)).toEqual({ names: ['open'], total: 1 });
    expect(await names(token(ctx.ann))).toEqual({ names: ['open'], total: 1 });
    expect(await names(session(ctx.ann))).toEqual({ names: ['closed', 'open', 'Shared'], total: 3 });
    expect(await names(session(ctx.bob))).toEqual({ names: ['open', 'Shared', 'theirs'], total: 3 });
  });

  it('can be narrowed to an owner, a collaborator, either, and a visibility', async () => {
    const bob = session(ctx.bob);
    expect((await names(bob, { ownerId: ctx.ann.id })).names).toEqual(['open', 'Shared']);
    expect((await names(bob, { collaboratorId: ctx.bob.id })).names).toEqual(['Shared']);
    const either = { ownerId: ctx.bob.id, collaboratorId: ctx.bob.id };
    expect((await names(bob, either)).names).toEqual(['Shared', 'theirs']);
    expect((await names(bob, { visibility: 'public' })).names).toEqual(['open']);
  });

  it('comes in the order that is asked for, a page at a time', async () => {
    const ann = session(ctx.ann);
    const created = { sort: 'created', direction: 'desc', perPage: 2 } as const;
    expect(await names(ann, created)).toEqual({ names: ['closed', 'Shared'], total: 3 });
    expect(await names(ann, { ...created, page: 2 })).toEqual({ names: ['open'], total: 3 });
    const { id } = (await findRepositoryNamed(ctx, 'ann', 'shared')) ?? { id: 0 };
    await recordPush(ctx, id);
    expect((await names(ann, { sort: 'pushed', direction: 'desc' })).names[0]).toBe('Shared');
    ctx.clock.forward(1);
    valueIn(await updateRepository(ctx, id, { description: 'New' }));
    expect((await names(ann, { sort: 'updated', direction: 'asc' })).names.at(-1)).toBe('Shared');
  });

  it('tells the role in each', async () => {
    const { items } = await listRepositories(ctx, { actor: session(ctx.bob), ask: decide }, usual);
    expect(items.map(({ role }) => role)).toEqual([null, 'read', 'admin']);
  });

  it('shows the operator everything', async () => {
    const { items, total } = await listAllRepositories(ctx, { page: 1, perPage: 3 });
    expect(items.map(({ ownerLogin, name }) => `${ownerLogin}/${name}`)).toEqual([
      'Ann/closed',
      'Ann/open',
      'Ann/Shared',
    ]);
    expect(total).toBe(4);
  });
});

describe('collaborators', () => {
  it('have the role that they were given last, until they are removed', async () => {
    const tool = await make('tool');
    expect(valueIn(await putCollaborator(ctx, tool, ctx.bob.id, 'read'))).toEqual({
      role: 'read',
      isNew: true,
    });
    expect(valueIn(await putCollaborator(ctx, tool, ctx.bob.id, 'admin')).isNew).toBe(false);
    expect(await roleOf(ctx, tool, ctx.bob.id)).toBe('admin');
    expect(await listCollaborators(ctx, tool, { page: 1, perPage: 30 })).toEqual({
      items: [
        { accountId: ctx.ann.id, login: 'Ann', siteAdmin: false, role: 'admin', ownRole: null },
        { accountId: ctx.bob.id, login: 'bob', siteAdmin: false, role: 'admin', ownRole: 'admin' },
      ],
      total: 2,
    });
    expect(await removeCollaborator(ctx, tool.id, ctx.bob.id)).toBe(true);
    expect(await removeCollaborator(ctx, tool.id, ctx.bob.id)).toBe(false);
    expect(await roleOf(ctx, tool, ctx.bob.id)).toBe(null);
  });

  it('cannot be the owner, nor anybody who is gone', async () => {
    const tool = await make('tool');
    expect((await putCollaborator(ctx, tool, ctx.ann.id, 'read')).ok).toBe(false);
    expect((await putCollaborator(ctx, tool, 99, 'read')).ok).toBe(false);
    expect(await roleOf(ctx, tool, ctx.ann.id)).toBe('admin');
  });

  it('come in by an invitation of their own, and by nobody else’s', async () => {
    const tool = await make('tool');
    const asked = { invitee: ctx.bob, inviter: ctx.ann, role: 'write' } as const;
    const invitation = valueIn(await inviteCollaborator(ctx, tool, asked));
    if (invitation === null) throw new Error('was not asked');
    const user = { login: 'eve', email: 'eve@example.com', siteAdmin: false, password: null };
    const eve = valueIn(await createUser(ctx, user));
    // As when the number of an invitation that is gone was given to the next one.
    const stolen = { ...invitation, invitee: eve };
    expect((await acceptRepositoryInvitation(ctx, stolen)).ok).toBe(false);
    expect(await roleOf(ctx, tool, eve.id)).toBe(null);
    expect(valueIn(await acceptRepositoryInvitation(ctx, invitation))).toBe('write');
    expect(await roleOf(ctx, tool, ctx.bob.id)).toBe('write');
  });
});
