// What the API and the pages tell about an organisation beside its record.
import { stranger } from '../access/stranger.ts';
import type { Context } from '../context.ts';
import { listRepositories } from '../repositories/repositories.ts';

/** How many repositories of it everybody sees. */
export async function publicFacts(
  ctx: Context,
  organizationId: number,
): Promise<{ readonly publicRepositories: number }> {
  const order = { sort: 'created', direction: 'asc', page: 1, perPage: 1 } as const;
  const { total } = await listRepositories(ctx, stranger, { ownerId: organizationId, ...order });
  return { publicRepositories: total };
}
