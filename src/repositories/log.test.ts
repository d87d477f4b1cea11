// What the security log says of repositories and of those who may work on them.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type RepositoriesContext, repositoriesContext } from '../../test/repositories.ts';
import { updateRepository } from './changing.ts';
import { putCollaborator, removeCollaborator } from './collaborators.ts';
import { createRepository, deleteRepository } from './repositories.ts';

let ctx: RepositoriesContext;
beforeEach(async () => {
  ctx = await repositoriesContext();
});
afterEach(() => ctx.close());

const make = async (owner = ctx.ann) =>
  valueIn(await createRepository(ctx, { owner, name: 'tool', description: null, visibility: 'private' }));

/** The rows after the first so many, the data read. */
async function logged(after = 0) {
  const rows = await ctx.db.selectFrom('audit_events').selectAll().orderBy('id').execute();
  return rows.slice(after).map(({ data, ...row }) => {
    const { via: _, ...rest } = JSON.parse(data) as Record<string, unknown>;
    return { ...row, data: rest };
  });
}

it('Making a repository is logged with its name and its owner; one that is refused is not', async () => {
  const { id } = await make();
  const again = { owner: ctx.ann, name: 'TOOL', description: null, visibility: 'public' } as const;
  expect((await createRepository(ctx, again)).ok).toBe(false);
  expect(await logged()).toMatchObject([
    {
      action: 'repo.create',
      operation: 'create',
      repository_id: id,
      repository_name: 'Ann/tool',
      user_login: 'Ann',
      organization_id: null,
      data: { visibility: 'private' },
    },
  ]);
});

it('The repository of an organisation is logged as that, under the organisation', async () => {
  await ctx.db.updateTable('accounts').set({ kind: 'organization' }).where('id', '=', ctx.ann.id).execute();
  await make();
  expect(await logged()).toMatchObject([
    { action: 'repo.create', organization_id: ctx.ann.id, organization_login: 'Ann', user_id: null },
  ]);
});

it('A new name, another visibility and other changes are events of their own', async () => {
  const { id } = await make();
  valueIn(await updateRepository(ctx, id, { name: 'toys', visibility: 'public', description: 'Fun' }));
  expect(await logged(1)).toMatchObject([
    { action: 'repo.rename', repository_name: 'Ann/toys', data: { old_name: 'tool' } },
    { action: 'repo.access', data: { visibility: 'public', previous_visibility: 'private' } },
    { action: 'repo.update', data: { description: 'Fun', description_was: null } },
  ]);
  valueIn(await updateRepository(ctx, id, { visibility: 'private' }));
  expect((await logged(4)).map(({ action }) => action)).toEqual(['repo.access']);
  valueIn(await updateRepository(ctx, id, {}));
  expect(await logged(5)).toMatchObject([{ action: 'repo.update', data: {} }]);
});

it('Deleting a repository is logged, and the rows about it stay', async () => {
  const { id } = await make();
  await deleteRepository(ctx, id);
  expect(await deleteRepository(ctx, id)).toBe(false);
  expect((await logged()).map(({ action, repository_name }) => [action, repository_name])).toEqual([
    ['repo.create', 'Ann/tool'],
    ['repo.destroy', 'Ann/tool'],
  ]);
});

it('Whom a repository is opened to, with which role, and when that ends, is logged under their name', async () => {
  const tool = await make();
  valueIn(await putCollaborator(ctx, tool, ctx.bob.id, 'read'));
  valueIn(await putCollaborator(ctx, tool, ctx.bob.id, 'admin'));
  expect((await putCollaborator(ctx, tool, 99, 'read')).ok).toBe(false);
  await removeCollaborator(ctx, tool.id, ctx.bob.id);
  expect(await removeCollaborator(ctx, tool.id, ctx.bob.id)).toBe(false);
  expect(await logged(1)).toMatchObject([
    {
      action: 'repo.add_member',
      user_login: 'bob',
      repository_name: 'Ann/tool',
      data: { permission: 'read' },
    },
    { action: 'repo.update_member', data: { permission: 'admin', permission_was: 'read' } },
    { action: 'repo.remove_member', user_login: 'bob', data: { permission: 'admin' } },
  ]);
});
