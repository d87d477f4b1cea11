// The people, repositories and things that every route is called on, in one whole server; and how all of it is put
// back after a call that changed something.
import { generateKeyPairSync } from 'node:crypto';
import { generateKey } from 'openpgp';
import type { Visibility } from '../../src/access/targets.ts';
import { type Account, createUser, suspendAccount } from '../../src/accounts/accounts.ts';
import { renameUser } from '../../src/accounts/administration.ts';
import { createSession } from '../../src/accounts/sessions.ts';
import { createOrganization } from '../../src/organizations/organizations.ts';
import { createRepository } from '../../src/repositories/repositories.ts';
import { listTransfersTo } from '../../src/repositories/transfer-requests.ts';
import { allScopes, type Scope, type Scopes } from '../../src/scopes/scopes.ts';
import type { Secret } from '../../src/secrets/secret.ts';
import { createToken } from '../../src/tokens/tokens.ts';
import { valueIn } from '../context.ts';
import { type Place, startWholeApp } from './app.ts';
import { type Belongings, giveBelongings } from './belongings.ts';
import { rememberRows } from './restoring.ts';

/** Whose roles: mona owns, the next three are collaborators, hubot is nobody there. */
export const people = [
  'mona',
  'reader',
  'writer',
  'keeper',
  'hubot',
  'boss',
  'asleep',
  'spare',
  'puppet',
] as const;
export type Login = (typeof people)[number];

/** The scopes of a token: none, one, every one, or what pushes files of workflows. */
export type Grant = 'none' | 'all' | Scope | (typeof withWorkflow)[number];

/** Only together do they open that. */
export const withWorkflow = ['repo workflow', 'public_repo workflow'] as const;

export function scopesOf(grant: Grant): Scopes {
  if (grant === 'none') return [];
  return grant === 'all' ? wholeCatalogue : (grant.split(' ') as readonly Scope[] as Scopes);
}

/** What is in one repository, and in the other. */
export interface Things {
  readonly id: number;
  readonly name: string;
  readonly head: string;
  readonly tree: string;
  readonly blob: string;
  readonly tag: string;
  readonly hook: number;
  readonly delivery: string;
  readonly deployKey: number;
  /** By which hubot is asked to work on it. */
  readonly invitation: number;
}

export interface World extends Place {
  readonly accounts: Readonly<Record<Login, Account>>;
  readonly things: Readonly<Record<'public' | 'private', Things>>;
  token(login: Login, grant: Grant): string;
  tokenId(login: Login, grant: Grant): number;
  /** Of a person signed in on the web, who has proved who they are just now. */
  session(login: Login): Secret;
  readonly keyOf: Readonly<Record<'mona' | 'spare', number>>;
  readonly impersonationId: number;
  /** The organisation `octo`: mona owns it, writer and spare are members, reader works on its repository `kit`. */
  readonly octo: {
    readonly id: number;
    readonly team: number;
    readonly kit: number;
    readonly invitation: number;
  };
  /** Of mona's. */
  readonly gpgKey: number;
  readonly signingKey: number;
  /** One that nobody has yet. */
  readonly freshGpgKey: string;
  readonly belongings: Belongings;
  /** By which mona is asked to work on a repository of keeper's. */
  readonly invitationOfMona: number;
  /** By which keeper wants to give that repository to mona. */
  readonly transferToMona: number;
  /** Nobody has proved lately who they are, until `restore`. */
  forgetProofs(): Promise<void>;
  /** What is not as it was: tables and repositories. */
  changed(): Promise<readonly string[]>;
  /** Puts everything back as it was. */
  restore(): Promise<void>;
}

export const wholeCatalogue: Scopes = [...allScopes];

/** Those of whom there is a token of every single scope. */
const manyTokens: readonly Login[] = ['mona', 'reader', 'writer', 'keeper', 'boss'];

export function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const head = Buffer.from('0000000b7373682d6564323535313900000020', 'hex');
  return `ssh-ed25519 ${Buffer.concat([head, raw]).toString('base64')}`;
}

export interface WorldOptions {
  /** Changes what is there before it is remembered as that to which all is put back. */
  readonly plant?: (world: World) => Promise<unknown>;
  /** Where; by default in this process. It is closed with the world. */
  readonly place?: Place;
}

export async function createWorld({ plant, place }: WorldOptions = {}): Promise<World> {
  const whole = place ?? (await startWholeApp());
  const { ctx } = whole;
  const accounts = {} as Record<Login, Account>;
  for (const login of people) {
    const user = { login, email: `${login}@example.com`, siteAdmin: login === 'boss', password: null };
    accounts[login] = valueIn(await createUser(ctx, user));
  }
  const tokens = new Map<string, { readonly id: number; readonly secret: string }>();
  const addToken = async (login: Login, grant: Grant) => {
    const scopes = scopesOf(grant);
    const request = { accountId: accounts[login].id, note: `with ${grant}`, scopes, expiresAt: null };
    const { token, secret } = valueIn(await createToken(ctx, request));
    tokens.set(`${login} ${grant}`, { id: token.id, secret: secret.expose() });
  };
  for (const login of people) for (const grant of ['none', 'all'] as const) await addToken(login, grant);
  for (const login of manyTokens) for (const scope of allScopes) await addToken(login, scope);
  for (const grant of withWorkflow) await addToken('writer', grant);
  const known = (login: Login, grant: Grant) => {
    const found = tokens.get(`${login} ${grant}`);
    if (found === undefined) throw new Error(`${login} has no token with ${grant}`);
    return found;
  };

  const call = async (login: Login, method: 'GET' | 'POST' | 'PUT', path: string, payload?: object) => {
    const answer = await whole.ask({
      method,
      url: `/api/v3${path}`,
      headers: { authorization: `Bearer ${known(login, 'all').secret}` },
      ...(payload === undefined ? {} : { payload }),
    });
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${answer.body}`);
    return answer.body === '' ? null : JSON.parse(answer.body);
  };

  const fill = async (name: string, visibility: Visibility): Promise<Things> => {
    const at = `/repos/mona/${name}`;
    const made = await call('mona', 'POST', '/user/repos', {
      name,
      private: visibility === 'private',
      auto_init: true,
    });
    for (const [login, permission] of [
      ['reader', 'pull'],
      ['writer', 'push'],
      ['keeper', 'admin'],
      ['asleep', 'admin'],
    ] as const) {
      await ctx.db
        .insertInto('collaborators')
        .values({
          repository_id: made.id,
          account_id: accounts[login].id,
          role: ({ pull: 'read', push: 'write', admin: 'admin' } as const)[permission],
          created_at: ctx.now(),
        })
        .execute();
    }
    await call('mona', 'PUT', `${at}/contents/docs/README.md`, { message: 'Explain', content: 'aGk=' });
    const commit = await call('mona', 'GET', `${at}/commits/main`);
    const head: string = commit.sha;
    for (const ref of ['spare', 'one/two', 'deep/er/x', 'far/a/b/c']) {
      await call('mona', 'POST', `${at}/git/refs`, { ref: `refs/heads/${ref}`, sha: head });
    }
    const tag = await call('mona', 'POST', `${at}/git/tags`, {
      tag: 'v1',
      message: 'first',
      object: head,
      type: 'commit',
    });
    await call('mona', 'POST', `${at}/git/refs`, { ref: 'refs/tags/v1', sha: tag.sha });
    await call('mona', 'POST', `${at}/statuses/${head}`, { state: 'success' });
    const hook = await call('mona', 'POST', `${at}/hooks`, {
      config: { url: 'http://hooks.invalid/' },
      events: ['push'],
    });
    await call('mona', 'POST', `${at}/hooks/${hook.id}/pings`);
    const deliveries = await call('mona', 'GET', `${at}/hooks/${hook.id}/deliveries`);
    const key = await call('mona', 'POST', `${at}/keys`, { title: 'deploy', key: newPublicKey() });
    const readme = await call('mona', 'GET', `${at}/contents/README.md`);
    return {
      id: made.id,
      name,
      head,
      tree: commit.commit.tree.sha,
      blob: readme.sha,
      tag: tag.sha,
      hook: hook.id,
      delivery: String(deliveries[0]?.id ?? 'none'),
      deployKey: key.id,
      invitation: await invite(whole, made.id, accounts.hubot, accounts.mona),
    };
  };
  const things = { public: await fill('open', 'public'), private: await fill('closed', 'private') };
  const keyOf = { mona: 0, spare: 0 };
  for (const login of ['mona', 'spare'] as const) {
    keyOf[login] = (await call(login, 'POST', '/user/keys', { title: 'laptop', key: newPublicKey() })).id;
  }
  const octo = await makeOrganization(whole, accounts);
  const guest = await call('keeper', 'POST', '/user/repos', { name: 'guest', private: true });
  const invitationOfMona = await invite(whole, guest.id, accounts.mona, accounts.keeper);
  await call('keeper', 'POST', '/repos/keeper/guest/transfer', { new_owner: 'mona' });
  const [transfer] = await listTransfersTo(ctx, accounts.mona.id, 1);
  await call('mona', 'POST', '/user/emails', { emails: ['second@example.com'] });
  const gpg = await call('mona', 'POST', '/user/gpg_keys', { armored_public_key: await newGpgKey() });
  const signing = await call('mona', 'POST', '/user/ssh_signing_keys', {
    title: 'sign',
    key: newPublicKey(),
  });
  valueIn(await renameUser(ctx, accounts.spare.id, 'formerly'));
  valueIn(await renameUser(ctx, accounts.spare.id, 'spare'));
  const puppet = await call('boss', 'POST', '/admin/users/puppet/authorizations', { scopes: ['repo'] });
  valueIn(await suspendAccount(ctx, accounts.asleep.id));
  const sessions = new Map<Login, Secret>();
  for (const login of people) {
    if (login === 'asleep') continue;
    const origin = { address: '127.0.0.1', userAgent: 'test' };
    const { secret } = await createSession(ctx, accounts[login].id, origin);
    sessions.set(login, secret);
  }

  const planted: World = {
    ...whole,
    accounts,
    things,
    keyOf,
    impersonationId: puppet.id,
    octo,
    invitationOfMona,
    transferToMona: transfer?.id ?? 0,
    belongings: await giveBelongings(ctx, accounts),
    gpgKey: gpg.id,
    signingKey: signing.id,
    freshGpgKey: await newGpgKey(),
    token: (login, grant) => known(login, grant).secret,
    tokenId: (login, grant) => known(login, grant).id,
    session: (login) => {
      const secret = sessions.get(login);
      if (secret === undefined) throw new Error(`${login} is not signed in`);
      return secret;
    },
    forgetProofs: async () => {
      await ctx.db.updateTable('sessions').set({ sudo_at: 0 }).execute();
    },
    changed: async () => [],
    restore: async () => undefined,
  };
  await plant?.(planted);
  const all = [...Object.values(things), { id: guest.id }, { id: octo.kit }];
  return { ...planted, ...(await rememberRows(ctx, all)) };
}

async function newGpgKey(): Promise<string> {
  const userIDs = [{ name: 'Mona', email: 'mona@example.com' }];
  const { publicKey } = await generateKey({ type: 'curve25519', userIDs, format: 'armored' });
  return publicKey;
}

async function makeOrganization(
  { ctx }: Place,
  accounts: Readonly<Record<Login, Account>>,
): Promise<World['octo']> {
  const organization = valueIn(
    await createOrganization(ctx, { login: 'octo', name: null, owner: accounts.mona }),
  );
  const { db } = ctx;
  const created_at = ctx.now();
  const organization_id = organization.id;
  for (const login of ['writer', 'spare'] as const) {
    await db
      .insertInto('organization_members')
      .values({ organization_id, account_id: accounts[login].id, role: 'member', is_public: 1, created_at })
      .execute();
  }
  await db
    .updateTable('organization_members')
    .set({ is_public: 1 })
    .where('organization_id', '=', organization_id)
    .execute();
  const owner = { id: organization_id, login: 'octo' };
  const kit = valueIn(
    await createRepository(ctx, { owner, name: 'kit', description: null, visibility: 'public' }),
  );
  await db
    .insertInto('collaborators')
    .values({ repository_id: kit.id, account_id: accounts.reader.id, role: 'read', created_at })
    .execute();
  const team = await db
    .insertInto('teams')
    .values({
      organization_id,
      name: 'crew',
      slug: 'crew',
      description: null,
      created_at,
      updated_at: created_at,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('team_members')
    .values({ team_id: team.id, account_id: accounts.spare.id, created_at })
    .execute();
  await db
    .insertInto('team_repositories')
    .values({ team_id: team.id, repository_id: kit.id, role: 'read', created_at })
    .execute();
  const invitation = await db
    .insertInto('organization_invitations')
    .values({
      organization_id,
      account_id: accounts.puppet.id,
      inviter_id: accounts.mona.id,
      role: 'member',
      created_at,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id: organization_id, team: team.id, kit: kit.id, invitation: invitation.id };
}

async function invite(
  { ctx }: Place,
  repositoryId: number,
  invitee: Account,
  inviter: Account,
): Promise<number> {
  const { id } = await ctx.db
    .insertInto('repository_invitations')
    .values({
      repository_id: repositoryId,
      account_id: invitee.id,
      inviter_id: inviter.id,
      role: 'read',
      created_at: ctx.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
