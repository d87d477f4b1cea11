// The rooms of the API, in the order in which they are put together: by the server, and by the tests that call every
// route, so that none is left out there.
import type { GuardedRoutes } from '../access/guard.ts';
import { accountsRest } from '../accounts/rest.ts';
import { administrationRest } from '../administration/rest.ts';
import { metaRest } from '../api/meta.ts';
import { auditRest } from '../audit/rest.ts';
import { contentsRest } from '../contents/rest.ts';
import type { Context } from '../context.ts';
import { downloadsRest } from '../downloads/rest.ts';
import type { Operations } from '../git/operation.ts';
import { hooksRest } from '../hooks/rest.ts';
import { keysRest } from '../keys/rest.ts';
import { applicationTokensRest } from '../oauth/application-tokens-rest.ts';
import { organizationsRest } from '../organizations/rest.ts';
import { repositoriesRest } from '../repositories/rest.ts';
import { signingRest } from '../signing/rest.ts';
import { statusesRest } from '../statuses/rest.ts';

export function restRooms(routes: GuardedRoutes, ctx: Context, git: Operations): void {
  metaRest(routes, ctx);
  accountsRest(routes, ctx);
  auditRest(routes, ctx);
  repositoriesRest(routes, ctx);
  organizationsRest(routes, ctx);
  contentsRest(routes, ctx, git);
  downloadsRest(routes, ctx);
  keysRest(routes, ctx);
  statusesRest(routes, ctx);
  administrationRest(routes, ctx);
  hooksRest(routes, ctx);
  signingRest(routes, ctx);
  applicationTokensRest(routes, ctx);
}
