import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type RepositoriesContext, repositoriesContext } from '../../test/repositories.ts';
import { createRepository, deleteRepository } from './repositories.ts';
import { makeUnfinished, repositoryDirectory, touch } from './storage.ts';
import { sweepStorage, TRASH_KEPT_MS, UNFINISHED_KEPT_MS } from './trash.ts';

let ctx: RepositoriesContext;

beforeEach(async () => {
  ctx = await repositoriesContext();
});
afterEach(() => ctx.close());

const nothing = { orphans: 0, unfinished: 0, purged: 0 };
const make = async (name: string) =>
  valueIn(await createRepository(ctx, { owner: ctx.ann, name, description: null, visibility: 'private' }));
const trash = () => readdirSync(ctx.config.trashDirectory);

describe('the sweep', () => {
  it('leaves alone what has a record, and what is no repository', async () => {
    const { id } = await make('tool');
    mkdirSync(join(ctx.config.repositoriesDirectory, 'lost+found'));
    ctx.clock.forward(10 * TRASH_KEPT_MS);
    expect(await sweepStorage(ctx)).toEqual(nothing);
    expect(readdirSync(ctx.config.repositoriesDirectory).sort()).toEqual([`${id}.git`, 'lost+found']);
  });

  it('has nothing to do on a server on which nothing was ever made', async () => {
    expect(await sweepStorage(ctx)).toEqual(nothing);
  });

  it('purges a deleted repository after a day, and not before', async () => {
    const { id } = await make('tool');
    await deleteRepository(ctx, id);
    ctx.clock.forward(TRASH_KEPT_MS - 1);
    expect(await sweepStorage(ctx)).toEqual(nothing);
    expect(trash()).toHaveLength(1);
    ctx.clock.forward(1);
    expect(await sweepStorage(ctx)).toEqual({ ...nothing, purged: 1 });
    expect(trash()).toEqual([]);
  });

  it('moves what lost its record, or never got it, to the trash once it is old', async () => {
    const { id } = await make('tool');
    await ctx.db.deleteFrom('repositories').execute();
    ctx.clock.forward(UNFINISHED_KEPT_MS - 1);
    expect(await sweepStorage(ctx)).toEqual(nothing);
    ctx.clock.forward(1);
    expect(await sweepStorage(ctx)).toEqual({ ...nothing, orphans: 1 });
    expect(existsSync(repositoryDirectory(ctx.config, id))).toBe(false);
    expect(trash()).toHaveLength(1);
  });

  it('touches nothing that its database never made: it may be an older one, restored', async () => {
    const { id } = await make('tool');
    const foreign = repositoryDirectory(ctx.config, id + 1);
    mkdirSync(foreign);
    utimesSync(foreign, 0, 0);
    expect(await sweepStorage(ctx)).toEqual(nothing);
    expect(existsSync(foreign)).toBe(true);
  });

  it('removes what a killed creation or import left, but nothing that is still worked on', async () => {
    const dead = await makeUnfinished(ctx);
    const alive = await makeUnfinished(ctx);
    writeFileSync(join(dead, 'HEAD'), 'ref: ref');
    await touch(ctx, dead);
    ctx.clock.forward(UNFINISHED_KEPT_MS);
    await touch(ctx, alive);
    expect(await sweepStorage(ctx)).toEqual({ ...nothing, unfinished: 1 });
    expect([existsSync(dead), existsSync(alive)]).toEqual([false, true]);
  });

  it('can run several times at once', async () => {
    for (const name of ['one', 'two', 'three']) await make(name);
    await ctx.db.deleteFrom('repositories').execute();
    await makeUnfinished(ctx);
    ctx.clock.forward(UNFINISHED_KEPT_MS);
    await Promise.all([sweepStorage(ctx), sweepStorage(ctx), sweepStorage(ctx)]);
    expect(trash()).toHaveLength(3);
    expect(readdirSync(ctx.config.repositoriesDirectory)).toEqual([]);
  });
});
