// `GET /.well-known/oauth-authorization-server`: what this server can do, for clients that know OAuth and not GitHub
// (RFC 8414). It says only what is so: what isn't served isn't named.
import type { Config } from '../config/config.ts';
import type { Context } from '../context.ts';
import { allScopes } from '../scopes/scopes.ts';
import type { MachineRoutes } from './machines-rest.ts';
import { grantTypes } from './token-rest.ts';

export function metadataRoutes(routes: MachineRoutes, { config }: Pick<Context, 'config'>): void {
  const document = metadata(config);
  routes.document('/.well-known/oauth-authorization-server', 'oauth-metadata.read', document);
}

function metadata({ url }: Pick<Config, 'url'>) {
  return {
    // As it stands in the parameter `iss` of what browsers are led back with.
    issuer: url,
    authorization_endpoint: `${url}/login/oauth/authorize`,
    token_endpoint: `${url}/login/oauth/access_token`,
    device_authorization_endpoint: `${url}/login/device/code`,
    scopes_supported: allScopes,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: grantTypes,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    code_challenge_methods_supported: ['S256'],
    // RFC 9207
    authorization_response_iss_parameter_supported: true,
  };
}
