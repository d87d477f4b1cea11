// Two people, two applications, mixed up on purpose (RFC 9700 §4): whatever is swapped, is refused, nothing leaks, and
// what belongs together still works.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consent, pkce, type Registered, startOAuth, type TestOAuth } from '../../test/oauth.ts';
import type { TestBrowser } from '../../test/pages.ts';
import type { Account } from '../accounts/accounts.ts';
import { revokeAuthorization } from './authorizations.ts';

const minutes = 60_000;

interface Party {
  readonly account: Account;
  readonly browser: TestBrowser;
  readonly app: Registered;
  readonly redirectUri: string;
}

/** A code with all that belongs to it. */
type Flow = Readonly<
  Record<'client_id' | 'client_secret' | 'code' | 'redirect_uri' | 'code_verifier', string>
>;

interface Case {
  readonly what: string;
  /** What is sent, of two flows of different people with different applications. */
  readonly sends: (
    own: Flow,
    other: Flow,
    more: { readonly sibling: Flow },
  ) => Readonly<Record<string, string>>;
  readonly error: string;
}

const cases: readonly Case[] = [
  {
    what: 'a code of another application',
    sends: (own, other) => ({ ...own, code: other.code }),
    error: 'bad_verification_code',
  },
  {
    what: 'a code of another application with all that belongs to it, but the client',
    sends: (own, other) => ({ ...other, client_id: own.client_id, client_secret: own.client_secret }),
    error: 'bad_verification_code',
  },
  {
    what: 'the secret of another application',
    sends: (own, other) => ({ ...own, client_secret: other.client_secret }),
    error: 'incorrect_client_credentials',
  },
  {
    what: 'the number of another application',
    sends: (own, other) => ({ ...own, client_id: other.client_id }),
    error: 'incorrect_client_credentials',
  },
  {
    what: 'the verifier of another flow',
    sends: (own, other) => ({ ...own, code_verifier: other.code_verifier }),
    error: 'bad_verification_code',
  },
  {
    what: 'the verifier of another flow of the same person and application',
    sends: (own, _, { sibling }) => ({ ...own, code_verifier: sibling.code_verifier }),
    error: 'bad_verification_code',
  },
  {
    what: 'no verifier',
    sends: ({ code_verifier: _, ...own }) => own,
    error: 'bad_verification_code',
  },
  {
    what: 'the challenge for the verifier',
    sends: (own) => ({ ...own, code_verifier: pkceOf(own.code_verifier) }),
    error: 'bad_verification_code',
  },
  {
    what: 'no secret',
    sends: ({ client_secret: _, ...own }) => own,
    error: 'incorrect_client_credentials',
  },
  {
    what: 'the address of another application',
    sends: (own, other) => ({ ...own, redirect_uri: other.redirect_uri }),
    error: 'redirect_uri_mismatch',
  },
  {
    what: 'an address off by a path',
    sends: (own) => ({ ...own, redirect_uri: `${own.redirect_uri}/deeper` }),
    error: 'redirect_uri_mismatch',
  },
  {
    what: 'an address off by a slash',
    sends: (own) => ({ ...own, redirect_uri: `${own.redirect_uri}/` }),
    error: 'redirect_uri_mismatch',
  },
  {
    what: 'an address off by a port',
    sends: (own) => ({ ...own, redirect_uri: own.redirect_uri.replace('.com/', '.com:8443/') }),
    error: 'redirect_uri_mismatch',
  },
  {
    what: 'an address off by case',
    sends: (own) => ({ ...own, redirect_uri: own.redirect_uri.replace('callback', 'Callback') }),
    error: 'redirect_uri_mismatch',
  },
  {
    what: 'a code in capitals',
    sends: (own) => ({ ...own, code: own.code.toUpperCase() }),
    error: 'bad_verification_code',
  },
  {
    what: 'a code as another grant',
    sends: (own) => ({ ...own, grant_type: 'refresh_token', refresh_token: own.code }),
    error: 'unsupported_grant_type',
  },
];

const pkceOf = (verifier: string) => challenges.get(verifier) ?? '';
const challenges = new Map<string, string>();

describe('Two people and two applications, mixed up on purpose', () => {
  let oauth: TestOAuth;
  let ada: Party;
  let bob: Party;
  beforeAll(async () => {
    oauth = await startOAuth();
    const party = async (login: string, name: string): Promise<Party> => {
      const account = await oauth.person(login);
      const redirectUri = `https://${name}.example.com/callback`;
      const app = await oauth.register(account, { name, callbackUrl: redirectUri });
      return { account, browser: await oauth.signIn(account), app, redirectUri };
    };
    ada = await party('ada', 'builder');
    bob = await party('bob', 'mirror');
  });
  afterAll(() => oauth.close());

  /** A flow up to its code. The person of one party authorizes the application of the other. */
  const flow = async (person: Party, { app, redirectUri }: Party): Promise<Flow> => {
    const { verifier, challenge } = pkce();
    challenges.set(verifier, challenge);
    const to = await consent(person.browser, {
      client_id: app.application.clientId,
      redirect_uri: redirectUri,
      scope: 'repo',
      state: 'state-of-this-flow',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      prompt: 'select_account',
    });
    return {
      client_id: app.application.clientId,
      client_secret: app.secret,
      code: to.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
    };
  };
  // No more than ten tokens an hour are given to one application for a person and scopes.
  const later = () => oauth.ctx.clock.forward(61 * minutes);
  const signInAgain = async () => {
    ada = { ...ada, browser: await oauth.signIn(ada.account) };
    bob = { ...bob, browser: await oauth.signIn(bob.account) };
  };

  it.each(cases)('$what is refused, and what belongs together still works', async ({ sends, error }) => {
    later();
    await signInAgain();
    const own = await flow(bob, ada);
    const other = await flow(ada, bob);
    const sibling = await flow(bob, ada);
    const answer = await oauth.token(sends(own, other, { sibling }));
    expect(answer).toEqual({
      error,
      error_description: expect.any(String),
      error_uri: expect.stringMatching(/^http:\/\/localhost:3000\/docs\//),
    });
    const text = JSON.stringify(answer);
    for (const secret of [...Object.values(own), ...Object.values(other)]) expect(text).not.toContain(secret);
    for (const good of [own, other, sibling]) {
      expect(await oauth.token(good)).toMatchObject({ scope: 'repo', access_token: expect.any(String) });
    }
  });

  it('a token is of the person who granted it, and of the application that asked', async () => {
    later();
    await signInAgain();
    const { access_token: token } = await oauth.token(await flow(bob, ada));
    const { body, headers } = await oauth.ask({
      url: '/api/v3/user',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(JSON.parse(body).login).toBe('bob');
    expect(headers['x-oauth-client-id']).toBe(ada.app.application.clientId);
  });

  it('a code that comes a second time is refused, and ends the token that it gave', async () => {
    later();
    await signInAgain();
    const own = await flow(bob, ada);
    const { access_token: other } = await oauth.token(await flow(bob, ada));
    const { access_token: token } = await oauth.token(own);
    expect(await oauth.statusOf(token)).toBe(200);
    // By another application: it is none of its business.
    const stolen = { ...own, client_id: bob.app.application.clientId, client_secret: bob.app.secret };
    expect(await oauth.token(stolen)).toMatchObject({ error: 'bad_verification_code' });
    expect(await oauth.statusOf(token)).toBe(200);
    expect(await oauth.token(own)).toMatchObject({ error: 'bad_verification_code' });
    expect(await oauth.statusOf(token)).toBe(401);
    expect(await oauth.statusOf(other)).toBe(200);
    // Long after as well.
    const late = await flow(bob, ada);
    const { access_token: kept } = await oauth.token(late);
    oauth.ctx.clock.forward(60 * minutes);
    expect(await oauth.token(late)).toMatchObject({ error: 'bad_verification_code' });
    expect(await oauth.statusOf(kept)).toBe(401);
  });

  it('one code brought ten times at once gives one token at most, and none that lives', async () => {
    later();
    await signInAgain();
    const own = await flow(bob, ada);
    const answers = await Promise.all(Array.from({ length: 10 }, () => oauth.token(own)));
    const tokens = answers.flatMap(({ access_token: token }) => token ?? []);
    expect(tokens).toHaveLength(1);
    expect(await oauth.statusOf(tokens[0])).toBe(401);
  });

  it('a code is good for ten minutes, to the second', async () => {
    later();
    await signInAgain();
    const [inTime, late] = [await flow(bob, ada), await flow(bob, ada)];
    oauth.ctx.clock.forward(10 * minutes - 1);
    expect(await oauth.token(inTime)).toHaveProperty('access_token');
    oauth.ctx.clock.forward(1);
    expect(await oauth.token(late)).toMatchObject({ error: 'bad_verification_code' });
  });

  it('a verifier without a challenge is refused: somebody took the challenge out on its way', async () => {
    later();
    await signInAgain();
    const without = await consent(bob.browser, { client_id: ada.app.application.clientId, scope: 'repo' });
    const own = {
      client_id: ada.app.application.clientId,
      client_secret: ada.app.secret,
      code: without.searchParams.get('code') ?? '',
    };
    const injected = { ...own, code_verifier: pkce().verifier };
    expect(await oauth.token(injected)).toMatchObject({ error: 'bad_verification_code' });
    expect(await oauth.token(own)).toHaveProperty('access_token');
  });

  it('every answer names this server, so that no other can pass for it', async () => {
    await signInAgain();
    const fields = { client_id: ada.app.application.clientId, scope: 'repo', state: 's' };
    const good = await consent(bob.browser, fields);
    expect(good.searchParams.get('iss')).toBe('http://localhost:3000');
    const { headers } = await bob.browser.get(
      `/login/oauth/authorize?${new URLSearchParams({ ...fields, response_type: 'token' })}`,
    );
    expect(new URL(String(headers.location)).searchParams.get('iss')).toBe('http://localhost:3000');
  });

  it('what one person revokes, the other keeps', async () => {
    later();
    await signInAgain();
    const { access_token: ofBob } = await oauth.token(await flow(bob, ada));
    const { access_token: ofAda } = await oauth.token(await flow(ada, ada));
    const pending = await flow(bob, ada);
    await revokeAuthorization(oauth.ctx, bob.account, ada.app.application, 'test');
    expect([await oauth.statusOf(ofBob), await oauth.statusOf(ofAda)]).toEqual([401, 200]);
    expect(await oauth.token(pending)).toMatchObject({ error: 'bad_verification_code' });
  });

  it('neither code nor secret nor token is kept or logged as it is', async () => {
    later();
    await signInAgain();
    const own = await flow(bob, ada);
    const { access_token: token = '' } = await oauth.token(own);
    const { db } = oauth.ctx;
    const rows = JSON.stringify([
      await db.selectFrom('oauth_codes').selectAll().execute(),
      await db.selectFrom('oauth_client_secrets').selectAll().execute(),
      await db.selectFrom('tokens').selectAll().execute(),
      await db.selectFrom('audit_events').selectAll().execute(),
      await db.selectFrom('outbox').selectAll().execute(),
      await db.selectFrom('notices').selectAll().execute(),
    ]);
    for (const secret of [own.code, own.client_secret, own.code_verifier, token]) {
      expect(rows).not.toContain(secret);
    }
    expect(rows).toContain('oauth_authorization.create');
    expect(rows).toContain(own.client_id);
  });
});
