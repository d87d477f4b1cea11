// Lists of repositories with cursors, as GraphQL asks for them; pages by number: repositories.ts.
import type { Visibility } from '../access/targets.ts';
import { type Asker, listVisible } from '../access/visible.ts';
import type { Context } from '../context.ts';
import type { Window, Windowed } from '../db/windows.ts';
import { found, type RepositoryFound } from './repositories.ts';
import * as store from './window-store.ts';

/** Any of these is enough; none given: there is nothing to list. */
export interface Affiliation {
  readonly ownerId?: number;
  /** A collaborator there. */
  readonly collaboratorId?: number;
  /** The same, but only of public ones: who works on private ones is not everybody's to know. */
  readonly publicCollaboratorId?: number;
  /** A member of the organisation that owns it. */
  readonly memberId?: number;
}

export interface RepositoriesAsked {
  readonly affiliation: Affiliation;
  /** To be true as well. */
  readonly alsoAffiliation?: Affiliation;
  readonly visibilities?: readonly Visibility[];
  readonly sort: 'created' | 'updated' | 'pushed' | 'name' | 'id';
  readonly direction: 'asc' | 'desc';
}

/** Those that the caller may see. */
export async function repositoriesInWindow(
  ctx: Context,
  asker: Asker,
  asked: RepositoriesAsked,
  window: Window,
): Promise<Windowed<RepositoryFound>> {
  const { items, positions, hasPrevious, hasNext } = await listVisible(
    asker,
    'repositories.read',
    async (visible) => {
      const rows = await store.repositoriesInWindow(ctx.db, asker.actor, asked, window, visible);
      return {
        ...rows,
        items: rows.items.map(({ item }) => found(item)),
        positions: rows.items.map(({ position }) => position),
      };
    },
  );
  return {
    hasPrevious,
    hasNext,
    items: items.map((item, index) => ({ item, position: positions[index] ?? ['', 0] })),
  };
}

/** How many those are, and how much room they take. */
export async function sumRepositories(
  ctx: Context,
  asker: Asker,
  asked: RepositoriesAsked,
): Promise<store.Sum> {
  return listVisible(asker, 'repositories.read', async (visible) => {
    const sum = await store.sumRepositories(ctx.db, asked, visible);
    return { items: [], ...sum };
  });
}
