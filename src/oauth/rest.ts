// What applications themselves ask for, without a browser between.
import type { MachineRoutes } from './machines-rest.ts';
import { tokenRoutes } from './token-rest.ts';

export function oauthRoutes(routes: MachineRoutes): void {
  tokenRoutes(routes);
}
