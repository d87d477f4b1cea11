// What is left of applications when an account or an application goes: no token, key or code that nobody answers for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { type Registered, startOAuth, type TestOAuth } from '../../test/oauth.ts';
import { newPublicKey } from '../../test/public-key.ts';
import { type Account, deleteAccount, suspendAccount, unsuspendAccount } from '../accounts/accounts.ts';
import { createOrganization, deleteOrganization } from '../organizations/organizations.ts';
import { createRepository } from '../repositories/repositories.ts';
import {
  deleteApplication,
  findApplication,
  generateClientSecret,
  registerApplication,
} from './applications.ts';

let oauth: TestOAuth;
let maker: Account;
let turn = 0;
beforeAll(async () => {
  oauth = await startOAuth();
  maker = await oauth.person('maker');
});
afterAll(() => oauth.close());

/** Somebody who lets the application act: with a token, keys that it made, and a code under way. */
async function letAct({ application, secret }: Registered) {
  const { ctx } = oauth;
  const person = await oauth.person(`person${++turn}`);
  const scopes = ['repo', 'admin:public_key'] as const;
  const code = () => oauth.code(person, application, { scopes });
  const client = { client_id: application.clientId, client_secret: secret };
  const { access_token: token = '' } = await oauth.token({ ...client, code: await code() });
  const owner = { id: maker.id, login: maker.login };
  const wanted = { owner, name: `site${turn}`, description: null, visibility: 'private' } as const;
  const repository = valueIn(await createRepository(ctx, wanted));
  await ctx.db
    .insertInto('collaborators')
    .values({ repository_id: repository.id, account_id: person.id, role: 'admin', created_at: 0 })
    .execute();
  for (const path of ['/user/keys', `/repos/maker/site${turn}/keys`]) {
    const { statusCode } = await oauth.ask({
      method: 'POST',
      url: `/api/v3${path}`,
      headers: { authorization: `Bearer ${token}` },
      payload: { title: 'made', key: newPublicKey() },
    });
    expect(statusCode).toBe(201);
  }
  return { person, token, client, code: await code() };
}

const rowsOf = async (table: 'ssh_keys' | 'oauth_authorizations' | 'oauth_codes', applicationId: number) =>
  (await oauth.ctx.db.selectFrom(table).where('application_id', '=', applicationId).selectAll().execute())
    .length;
const left = async (id: number) => [
  await rowsOf('ssh_keys', id),
  await rowsOf('oauth_authorizations', id),
  await rowsOf('oauth_codes', id),
];

describe('When somebody', () => {
  it('is suspended, tokens are told so, codes give nothing, and all of it lives again afterwards', async () => {
    const app = await oauth.register(maker, { name: 'first' });
    const { person, token, client, code } = await letAct(app);
    valueIn(await suspendAccount(oauth.ctx, person.id));
    expect(await oauth.statusOf(token)).toBe(403);
    expect((await oauth.token({ ...client, code })).error).toBe('bad_verification_code');
    valueIn(await unsuspendAccount(oauth.ctx, person.id));
    expect(await oauth.statusOf(token)).toBe(200);
  });

  it('is deleted, nothing of what they let applications do is left, and others keep theirs', async () => {
    const app = await oauth.register(maker, { name: 'second' });
    const { person, token, client, code } = await letAct(app);
    const other = await letAct(app);
    const { id } = app.application;
    expect(await left(id)).toEqual([4, 2, 4]);
    valueIn(await deleteAccount(oauth.ctx, person.id));
    expect(await left(id)).toEqual([2, 1, 2]);
    expect(await Promise.all([token, other.token].map(oauth.statusOf))).toEqual([401, 200]);
    expect((await oauth.token({ ...client, code })).error).toBe('bad_verification_code');
    expect((await oauth.token({ ...other.client, code: other.code })).access_token).toMatch(/^gho_/);
  });

  it('who has registered an application is deleted, it goes with all that it held for others', async () => {
    const owner = await oauth.person('eve');
    const app = await oauth.register(owner, { name: 'third' });
    const { token, client, code } = await letAct(app);
    valueIn(await deleteAccount(oauth.ctx, owner.id));
    const { id } = app.application;
    expect(await findApplication(oauth.ctx, id)).toBeNull();
    expect(await left(id)).toEqual([0, 0, 0]);
    expect(await oauth.statusOf(token)).toBe(401);
    expect((await oauth.token({ ...client, code })).error).toBe('incorrect_client_credentials');
  });
});

describe('When an application', () => {
  it('is deleted, its tokens, the keys that it made, its codes and its secrets go, and those of others stay', async () => {
    const app = await oauth.register(maker, { name: 'fourth' });
    const neighbour = await letAct(await oauth.register(maker, { name: 'fifth' }));
    const { token, client, code } = await letAct(app);
    const { id } = app.application;
    await deleteApplication(oauth.ctx, app.application);
    expect(await left(id)).toEqual([0, 0, 0]);
    expect(await Promise.all([token, neighbour.token].map(oauth.statusOf))).toEqual([401, 200]);
    expect((await oauth.token({ ...client, code })).error).toBe('incorrect_client_credentials');
    const secrets = await oauth.ctx.db
      .selectFrom('oauth_client_secrets')
      .where('application_id', '=', id)
      .selectAll()
      .execute();
    expect(secrets).toEqual([]);
  });

  it('belongs to an organization that is deleted, it goes with it', async () => {
    const { ctx } = oauth;
    const acme = valueIn(await createOrganization(ctx, { login: 'acme', name: null, owner: maker }));
    const application = valueIn(
      await registerApplication(
        ctx,
        { id: acme.id, login: 'acme', kind: 'organization' },
        {
          name: 'sixth',
          url: 'https://example.com',
          description: '',
          callbackUrl: 'https://example.com/callback',
          deviceFlow: false,
          isPublic: false,
        },
      ),
    );
    const secret = valueIn(await generateClientSecret(ctx, application)).expose();
    const { token } = await letAct({ application, secret });
    expect(await oauth.statusOf(token)).toBe(200);
    valueIn(await deleteOrganization(ctx, acme.id));
    expect(await oauth.statusOf(token)).toBe(401);
    expect(await findApplication(ctx, application.id)).toBeNull();
  });
});
