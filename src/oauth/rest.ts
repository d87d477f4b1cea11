// What applications themselves ask for, without a browser between.
import type { Context } from '../context.ts';
import { deviceRoutes } from './device-rest.ts';
import type { MachineRoutes } from './machines-rest.ts';
import { metadataRoutes } from './metadata-rest.ts';
import { tokenRoutes } from './token-rest.ts';

export function oauthRoutes(routes: MachineRoutes, ctx: Pick<Context, 'config' | 'now'>): void {
  tokenRoutes(routes);
  deviceRoutes(routes, ctx);
  metadataRoutes(routes, ctx);
}
