// The page of a file as it is: for people who are signed in. Programs with a token: downloads/codeload-rest.ts.
import { Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import type { Context } from '../context.ts';
import { findFromPath } from '../repositories/finding.ts';
import { answerRawFile } from './raw-file.ts';

const Params = Type.Object({ owner: Type.String(), repo: Type.String(), '*': Type.String() });

export function rawPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: '/:owner/:repo/raw/*',
    action: 'contents.read',
    schema: { params: Params },
    target: findFromPath(ctx),
    handler: (call) => answerRawFile(ctx, call, call.params['*'], 'Cookie'),
  });
}
