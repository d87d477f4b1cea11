// What Git Credential Manager sends, written down from its source, version 2.9.1 (github.com, repository
// git-ecosystem/git-credential-manager, folder src/shared): it is not packaged for Debian, so its requests are replayed
// here, header by header, and its answers judged as it judges them. Each function names the method that it follows.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// GitHub/GitHubConstants.cs. The secret is published there, and is none.
const clientId = '0120e057bd645470c1ed';
const clientSecret = '18867509d956965542b521a529a79bb883344c90';
/** GitHub/GitHubHostProvider.cs, GitHubOAuthScopes */
const scope = 'repo gist workflow';

/** Core/HttpClientFactory.cs, CreateClient: on every request. */
const headers = {
  'user-agent': 'Git-Credential-Manager/2.9.1 (Linux; x86-64) CLR/8.0.22',
  'cache-control': 'no-cache',
};
/** GitHub/GitHubRestApi.cs, HttpClient */
const apiHeaders = { ...headers, accept: 'application/vnd.github.v3+json' };
/** Core/Authentication/OAuth/OAuth2Client.cs, CreateRequestMessage */
const oauthHeaders = { ...headers, accept: 'application/json' };

const basic = (user: string, secret: string) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

/**
 * Is this a GitHub server? Asked of hosts whose name does not tell; git hands over no path, unless
 * `credential.useHttpPath` is set. (Core/HostProviderRegistry.cs, MatchProviderAsync;
 * GitHub/GitHubHostProvider.cs, IsSupported)
 */
export async function isGitHub(remote: string): Promise<boolean> {
  const answer = await fetch(remote, { method: 'HEAD', headers });
  return answer.headers.has('x-github-request-id');
}

/** The ways of signing in that it then offers. (GitHub/GitHubHostProvider.cs, GetSupportedAuthenticationModesAsync) */
export async function modes(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/api/v3/meta`, { headers: apiHeaders });
  if (!answer.ok) return ['basic', 'browser', 'device', 'pat'];
  const meta = (await answer.json()) as {
    readonly installed_version: string;
    readonly verifiable_password_authentication: boolean;
  };
  const [, major, minor] = /^(\d+)\.(\d+)(?:\.\d+){0,2}$/.exec(meta.installed_version) ?? [];
  const isOld = major !== undefined && (Number(major) < 3 || (Number(major) === 3 && Number(minor) < 2));
  const password = meta.verifiable_password_authentication ? ['basic'] : [];
  return [...password, ...(isOld ? [] : ['browser', 'device']), 'pat'];
}

/** Who a token is of: the user name that git is given with it. (GitHub/GitHubRestApi.cs, GetUserInfoAsync) */
export async function login(url: string, token: string): Promise<string> {
  const answer = await fetch(`${url}/api/v3/user`, {
    headers: { ...apiHeaders, authorization: `Bearer ${token}` },
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return ((await answer.json()) as { readonly login: string }).login;
}

/**
 * Makes a token by a password; only for servers that say they check passwords, and for tokens typed there.
 * (GitHub/GitHubRestApi.cs, CreatePersonalAccessTokenAsync and what parses its answers)
 */
export async function createToken(url: string, user: string, password: string): Promise<string> {
  const note = `git: ${url}/ on machine at 21-Nov-2026 10:00`;
  const answer = await fetch(`${url}/api/v3/authorizations`, {
    method: 'POST',
    headers: {
      ...apiHeaders,
      authorization: basic(user, password),
      // It says so of its JSON.
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    },
    body: `{ "scopes": ["gist", "repo"], "note": "${note}" }`,
  });
  const text = await answer.text();
  if (answer.ok) return /"token"\s*:\s*"([^"]+)"/i.exec(text)?.[1] ?? 'failure';
  if (answer.status === 401 && answer.headers.has('x-github-otp')) return 'two-factor';
  const isToken = text.includes('This API can only be accessed with username and password Basic Auth');
  return answer.status === 403 && isToken ? password : 'failure';
}

/**
 * Signs in with the browser. (GitHub/GitHubAuthentication.cs, GetOAuthTokenViaBrowserAsync;
 * Core/Authentication/OAuth/OAuth2Client.cs, GetAuthorizationCodeAsync and GetTokenByAuthorizationCodeAsync;
 * OAuth2SystemWebBrowser.cs, InterceptRequestsAsync)
 * @param browse opens the address, and comes back when the person is done
 * @param hint the user name of the remote's URL
 */
export async function signInByBrowser(
  url: string,
  browse: (url: string) => Promise<void>,
  hint?: string,
): Promise<string> {
  const state = randomUUID().replaceAll('-', '');
  const verifier = randomBytes(96).toString('base64url');
  const listener = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', redirect);
    response.end('<!DOCTYPE html><title>Authentication successful</title>');
    received.resolve(searchParams);
  });
  const received = Promise.withResolvers<URLSearchParams>();
  listener.listen(0, 'localhost');
  await once(listener, 'listening');
  const redirect = `http://localhost:${(listener.address() as AddressInfo).port}/`;
  try {
    const address = new URL('/login/oauth/authorize', url);
    address.search = new URLSearchParams({
      response_type: 'code',
      client_id: clientId,
      state,
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      ...(hint === undefined ? {} : { login: hint }),
      redirect_uri: redirect,
      scope,
    }).toString();
    await browse(address.href);
    const answer = await received.promise;
    if (answer.get('state') !== state) throw new Error('the state is missing or another');
    const code = answer.get('code');
    if (code === null) throw new Error(`no code: ${answer}`);
    return await token(
      url,
      {
        grant_type: 'authorization_code',
        code,
        code_verifier: verifier,
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uri: redirect,
      },
      { authorization: basic(clientId, clientSecret) },
    );
  } finally {
    listener.close();
    listener.closeAllConnections();
  }
}

interface DeviceCode {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly interval: number;
}

/**
 * Signs in with a code that is typed on a page. (Core/Authentication/OAuth/OAuth2Client.cs, GetDeviceCodeAsync and
 * GetTokenByDeviceCodeAsync)
 * @param show tells the person where to type which code; asking begins at once
 */
export async function signInByDevice(
  url: string,
  show: (address: string, code: string) => Promise<void>,
): Promise<string> {
  const answer = await fetch(`${url}/login/device/code`, {
    method: 'POST',
    headers: oauthHeaders,
    body: new URLSearchParams({ client_id: clientId, scope }),
  });
  const code = (await answer.json()) as DeviceCode;
  const shown = show(code.verification_uri, code.user_code);
  let seconds = code.interval;
  for (;;) {
    const got = await token(url, {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: code.device_code,
      client_id: clientId,
    }).catch((error: Error) => error);
    if (typeof got === 'string') {
      await shown;
      return got;
    }
    if (got.message === 'slow_down') seconds += 5;
    else if (got.message !== 'authorization_pending') throw got;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

/** @throws Error with the error's code as its message */
async function token(
  url: string,
  fields: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await fetch(`${url}/login/oauth/access_token`, {
    method: 'POST',
    headers: { ...oauthHeaders, ...more },
    body: new URLSearchParams(fields),
  });
  const { access_token, token_type, error } = (await answer.json()) as Readonly<Record<string, string>>;
  // Both are required (OAuth/Json/TokenEndpointResponseJson.cs).
  if (answer.ok && access_token !== undefined && token_type !== undefined) return access_token;
  throw new Error(error ?? 'unknown error');
}
