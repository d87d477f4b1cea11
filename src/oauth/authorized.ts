// What a person lets applications do, as a whole: each application with what it was granted and when its tokens were
// used last.
import type { Context } from '../context.ts';
import { type ApplicationTokenCount, countApplicationTokens } from '../tokens/application-tokens.ts';
import * as applications from './application-store.ts';
import type { Application } from './applications.ts';
import { type Authorization, authorizationsOf } from './authorizations.ts';

export interface AuthorizedApplicationRow {
  readonly application: Application;
  readonly authorization: Authorization;
  readonly tokens: ApplicationTokenCount;
}

const none: ApplicationTokenCount = { count: 0, lastUsedAt: null };

/** The newest authorization first. */
export async function authorizedApplications(
  ctx: Context,
  accountId: number,
): Promise<readonly AuthorizedApplicationRow[]> {
  const authorizations = await authorizationsOf(ctx, accountId);
  const ids = authorizations.map(({ applicationId }) => applicationId);
  const byId = new Map(
    (await applications.listByIds(ctx.db, ids)).map((application) => [application.id, application]),
  );
  const tokens = await countApplicationTokens(ctx, accountId);
  return authorizations.flatMap((authorization) => {
    const application = byId.get(authorization.applicationId);
    if (application === undefined) return [];
    return [{ application, authorization, tokens: tokens.get(application.id) ?? none }];
  });
}
