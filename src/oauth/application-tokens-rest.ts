// What applications ask the API about the tokens that they hold: are they good, others for them, an end to them
// (ghes-spec 6.4). A token that isn't the application's own is not there, and asking for it is no failed login.
import { Type } from 'typebox';
import type { Call, GuardedRoutes } from '../access/guard.ts';
import type { ApplicationTarget } from '../access/targets.ts';
import { findAccount } from '../accounts/accounts.ts';
import { simpleUserJson } from '../accounts/json.ts';
import { ApiError } from '../api/errors.ts';
import { pathParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { Secret } from '../secrets/secret.ts';
import {
  type ApplicationTokenFound,
  findApplicationToken,
  resetApplicationToken,
} from '../tokens/application-tokens.ts';
import { tokenJson } from '../tokens/json.ts';
import { removeTokens, type Token } from '../tokens/tokens.ts';
import { verifyTokenAgain } from '../tokens/verifying.ts';
import { type Application, findApplication } from './applications.ts';
import { revokeAuthorization } from './authorizations.ts';

/** Clients allow tokens of 255 characters (ghes-spec 2). */
const body = Type.Object({ access_token: Type.String({ minLength: 1, maxLength: 255 }) });

interface TokenCall {
  readonly call: Call<ApplicationTarget, { readonly body: typeof body }>;
  readonly application: Application;
  readonly secret: Secret;
  readonly found: ApplicationTokenFound;
}

export function applicationTokensRest(routes: GuardedRoutes, ctx: Context): void {
  const verifyAgain = verifyTokenAgain(ctx);

  /** The handler gets a token that is the application's own. */
  const ofToken = (
    method: 'POST' | 'PATCH' | 'DELETE',
    below: 'token' | 'grant',
    handler: (asked: TokenCall) => Promise<unknown>,
  ): void =>
    routes.route({
      method,
      url: `/applications/:client_id/${below}`,
      action: 'application-tokens.manage',
      target: (request) => ({ kind: 'application', clientId: pathParameter(request, 'client_id') }),
      schema: { body },
      async handler(call) {
        const { actor } = call;
        const application =
          actor.kind === 'application' && (await findApplication(ctx, actor.application.id));
        if (!application) throw new ApiError('not-found');
        const secret = new Secret(call.body.access_token);
        const found = await findApplicationToken(ctx, application.id, secret);
        if (found === null) throw new ApiError('not-found');
        return handler({ call, application, secret, found });
      },
    });

  const shown = async (application: Application, token: Token, hash: Uint8Array, secret?: Secret) => {
    const owner = await findAccount(ctx, token.accountId);
    if (owner === null) throw new ApiError('not-found');
    return tokenJson(ctx.config, token, {
      hash,
      user: simpleUserJson(ctx.config, owner),
      application,
      ...(secret === undefined ? {} : { secret: secret.expose() }),
    });
  };
  /** Would it be let in now? Not where its owner is suspended. */
  const expectGood = async ({ found }: TokenCall): Promise<void> => {
    if ((await verifyAgain({ tokenHash: found.secretHash })).refused !== undefined)
      throw new ApiError('not-found');
  };

  ofToken('POST', 'token', async (asked) => {
    await expectGood(asked);
    return shown(asked.application, asked.found.token, asked.found.secretHash);
  });

  ofToken('PATCH', 'token', async (asked) => {
    await expectGood(asked);
    const { call, application, secret } = asked;
    const issued = await resetApplicationToken(call.ctx, application.id, secret);
    if (issued === null) throw new ApiError('not-found');
    return shown(application, issued.token, issued.secret.hash(), issued.secret);
  });

  ofToken('DELETE', 'token', async ({ call, found }) => {
    await removeTokens(call.ctx, { ids: [found.token.id] }, 'revoked by its application');
    return call.reply.code(204).send();
  });

  ofToken('DELETE', 'grant', async ({ call, application, found }) => {
    const owner = await findAccount(ctx, found.accountId);
    if (owner === null) throw new ApiError('not-found');
    await revokeAuthorization(call.ctx, owner, application, 'revoked by the application');
    return call.reply.code(204).send();
  });
}
