// `POST /login/oauth/access_token`: where applications exchange what they were granted for a token (ghes-spec 8.1, 8.2).
import { Secret } from '../secrets/secret.ts';
import { exchangeCode } from './codes.ts';
import { DEVICE_GRANT, grantForDevice } from './device-rest.ts';
import {
  isAnswer,
  type MachineAnswer,
  type MachineCall,
  type MachineRoutes,
  tokenAnswer,
} from './machines-rest.ts';

/** What is exchanged for a token, by the name of its grant type (RFC 6749 §4). */
const grants: Readonly<Record<string, (call: MachineCall) => Promise<MachineAnswer>>> = {
  authorization_code: grantForCode,
  [DEVICE_GRANT]: grantForDevice,
};

/** The names of those. */
export const grantTypes: readonly string[] = Object.keys(grants);

export function tokenRoutes(routes: MachineRoutes): void {
  routes.post('/login/oauth/access_token', 'oauth-tokens.issue', (call) => {
    // GitHub's clients leave it out where they bring a code.
    const type = call.parameter('grant_type') ?? 'authorization_code';
    const grant = Object.hasOwn(grants, type) ? grants[type] : undefined;
    return grant === undefined ? call.fail('unsupported_grant_type') : grant(call);
  });
}

async function grantForCode(call: MachineCall): Promise<MachineAnswer> {
  const application = await call.authenticated();
  if (isAnswer(application)) return application;
  const code = call.parameter('code');
  if (code === null) return call.fail('bad_verification_code');
  const exchanged = await exchangeCode(call.ctx, {
    application,
    code: new Secret(code),
    redirectUri: call.parameter('redirect_uri'),
    codeVerifier: call.parameter('code_verifier'),
  });
  if (exchanged.ok) return tokenAnswer(exchanged.issued);
  switch (exchanged.because) {
    case 'bad-code':
      return call.fail('bad_verification_code');
    case 'redirect-mismatch':
      return call.fail('redirect_uri_mismatch');
    case 'too-many-tokens':
      return call.fail('temporarily_unavailable');
  }
}
