// `/settings/applications`: what people let applications do, and how they end it (ghes-spec 1.1, 3). Ending takes no
// proof of who it is: whoever suspects an application must be rid of it at once.
import type { FastifyReply } from 'fastify';
import type { ActionName } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { keysOfApplication } from '../keys/keys.ts';
import { listApplicationTokens } from '../tokens/application-tokens.ts';
import { flash } from '../web/flash.ts';
import { renderPage } from '../web/page.tsx';
import { type Application, findApplicationByClientId } from './applications.ts';
import { type Authorization, findAuthorization, revokeAuthorization } from './authorizations.ts';
import { authorizedApplications } from './authorized.ts';
import { AuthorizedApplication, AuthorizedList, LIST } from './authorized-view.tsx';

type OwnCall = Call<AccountTarget, RouteSchema>;

const settings = 'applications';
const revokedByOwner = 'revoked by its owner';

export function authorizedPages(routes: GuardedRoutes, ctx: Context): void {
  type OwnAction = Extract<ActionName, 'oauth-authorizations.list' | 'oauth-authorizations.delete'>;
  const page = (
    method: 'GET' | 'POST',
    url: string,
    action: OwnAction,
    handler: (call: OwnCall) => Promise<unknown>,
  ): void => routes.route({ method, url, action, target: selfTarget, handler });

  /** For pages of one application: 404 where the person lets it do nothing. */
  const ofAuthorized = (
    method: 'GET' | 'POST',
    below: string,
    action: OwnAction,
    handler: (call: OwnCall, application: Application, authorization: Authorization) => Promise<unknown>,
  ): void =>
    page(method, `/settings/connections/applications/:client_id${below}`, action, async (call) => {
      const { client_id: clientId } = call.request.params as { readonly client_id: string };
      const application = await findApplicationByClientId(ctx, clientId);
      const { accountId } = call.target;
      const authorization =
        application && (await findAuthorization(ctx, { accountId, applicationId: application.id }));
      return application === null || authorization === null
        ? call.refuse({ because: 'invisible' })
        : handler(call, application, authorization);
    });

  const goBack = (call: OwnCall, said: string): FastifyReply => {
    flash(call.reply, 'success', said);
    return call.reply.redirect(LIST, 303);
  };

  page('GET', LIST, 'oauth-authorizations.list', async (call) =>
    renderPage(
      call,
      { title: 'Authorized OAuth Apps', settings },
      <AuthorizedList all={await authorizedApplications(ctx, call.target.accountId)} />,
    ),
  );

  ofAuthorized('GET', '', 'oauth-authorizations.list', async (call, application, authorization) => {
    const which = { applicationId: application.id, accountId: call.target.accountId };
    const tokens = await listApplicationTokens(ctx, which);
    const keys = await keysOfApplication(ctx, which);
    return renderPage(
      call,
      { title: application.name, settings },
      <AuthorizedApplication {...{ application, authorization, tokens, keys }} />,
    );
  });

  ofAuthorized('POST', '/revoke', 'oauth-authorizations.delete', async (call, application, { account }) => {
    await revokeAuthorization(call.ctx, account, application, revokedByOwner);
    return goBack(call, `Revoked “${application.name}”: its tokens and the keys that it made are gone.`);
  });

  page('POST', `${LIST}/revoke-all`, 'oauth-authorizations.delete', async (call) => {
    const all = await authorizedApplications(ctx, call.target.accountId);
    for (const { application, authorization } of all) {
      await revokeAuthorization(call.ctx, authorization.account, application, revokedByOwner);
    }
    return goBack(
      call,
      all.length === 1 ? 'Revoked one application.' : `Revoked ${all.length} applications.`,
    );
  });
}
