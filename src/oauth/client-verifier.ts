// Applications that call the API in their own name, by client id and client secret (ghes-spec 5.1, 6.4).
import type { ClientVerifier } from '../access/authenticate.ts';
import type { Context } from '../context.ts';
import { findApplicationByClientId, holdsClientSecret } from './applications.ts';

/**
 * Knows applications by their secrets. Those that can't keep one, and for which anything goes elsewhere, have to have
 * one for this: what anybody could say proves nothing.
 */
export function clientVerifier(ctx: Context): ClientVerifier {
  return {
    async verify(clientId, secret) {
      const application = await findApplicationByClientId(ctx, clientId);
      if (application === null || !application.enabled) return null;
      if (!(await holdsClientSecret(ctx, application, secret))) return null;
      const { id, name } = application;
      return { id, clientId, name };
    },
  };
}
