// Everything that can be wrong with what an application asks, in one registry: the codes that clients match on
// (ghes-spec 8.1, 8.2, appendix C) and a sentence for whoever reads their logs.

const registry = {
  access_denied: 'The person has refused.',
  application_suspended: 'This application is switched off on this server.',
  authorization_pending: 'The person has not entered the code yet.',
  bad_verification_code: 'The code passed is incorrect or expired.',
  device_flow_disabled: 'The device flow is switched off for this application.',
  expired_token: 'The device code has expired.',
  incorrect_client_credentials: 'The client_id and/or client_secret passed are incorrect.',
  incorrect_device_code: 'The device_code provided is not valid.',
  invalid_request: 'The request lacks a parameter, has one twice, or can not be read.',
  redirect_uri_mismatch:
    'The redirect_uri is not one that the application is registered with, or not the one that the code was asked with.',
  slow_down: 'Too many requests have been made in the same timeframe.',
  temporarily_unavailable:
    'The application was given too many tokens of this person within the hour. Try again later.',
  unsupported_grant_type: 'The grant type provided is not supported.',
  unsupported_response_type: 'The only response type is code.',
} as const;

export type OAuthErrorCode = keyof typeof registry;

export interface OAuthError {
  readonly error: OAuthErrorCode;
  readonly error_description: string;
  readonly error_uri: string;
}

/** @param description says it closer than the registry does; never a secret */
export function oauthError(
  { url }: { readonly url: string },
  error: OAuthErrorCode,
  description: string = registry[error],
): OAuthError {
  return { error, error_description: description, error_uri: `${url}/docs/rest` };
}

export function errorWords(error: OAuthErrorCode): string {
  return registry[error];
}
