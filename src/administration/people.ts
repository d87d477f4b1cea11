// Promoting and demoting people. Nobody keeps a token by which to act as somebody who has become a site admin.
import type { Account } from '../accounts/accounts.ts';
import { setSiteAdmin } from '../accounts/administration.ts';
import type { Acting } from '../context.ts';
import type { Outcome } from '../problems.ts';
import { endImpersonation } from '../tokens/impersonation.ts';

/** Makes a site admin of a person. Who may do so is not asked here. */
export async function promote(ctx: Acting, id: number): Promise<Outcome<Account>> {
  await endImpersonation(ctx, id);
  const promoted = await setSiteAdmin(ctx, id, true);
  // One may have been made in between; from now on none can.
  await endImpersonation(ctx, id);
  return promoted;
}

/** Makes an ordinary person of a site admin; refused for the last one who can sign in. */
export function demote(ctx: Acting, id: number): Promise<Outcome<Account>> {
  return setSiteAdmin(ctx, id, false);
}
