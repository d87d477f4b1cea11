// What mona has and is offered beside repositories, for the pages that are about such a thing: a passkey, an
// authenticator app, a second session, a notice, an invitation into an organisation.
import { randomBytes } from 'node:crypto';
import type { Account } from '../../src/accounts/accounts.ts';
import { findOwnerByLogin } from '../../src/accounts/owners.ts';
import { createSession } from '../../src/accounts/sessions.ts';
import type { Acting } from '../../src/context.ts';
import {
  clientSecretsOf,
  generateClientSecret,
  registerApplication,
  setApplicationEnabled,
} from '../../src/oauth/applications.ts';
import { authorize } from '../../src/oauth/authorizations.ts';
import { createOrganization } from '../../src/organizations/organizations.ts';
import { issueApplicationToken } from '../../src/tokens/application-tokens.ts';
import { valueIn } from '../context.ts';

export interface Belongings {
  readonly passkey: number;
  /** Another one than that by which she asks. */
  readonly session: number;
  readonly notice: number;
  readonly application: number;
  /** One that is switched off. */
  readonly applicationOff: number;
  /** Of that application. */
  readonly clientSecret: number;
  /** The application's own credentials, and those of another one. */
  readonly client: { readonly id: string; readonly secret: string };
  readonly otherClient: { readonly id: string; readonly secret: string };
  /** That it holds for keeper. */
  readonly applicationToken: string;
  /** An application of octo's, which keeper has authorized, and a secret of it. */
  readonly ofOcto: Pick<Belongings, 'application' | 'clientSecret'>;
}

/** The organisation into which mona is invited. */
export const inviting = 'quartet';

export async function giveBelongings(
  ctx: Acting,
  { mona, keeper }: { readonly mona: Account; readonly keeper: Account },
): Promise<Belongings> {
  const created_at = ctx.now();
  const account_id = mona.id;
  const passkey = await ctx.db
    .insertInto('passkeys')
    .values({
      account_id,
      kind: 'passkey',
      name: 'telephone',
      credential_id: randomBytes(32).toString('base64url'),
      public_key: randomBytes(77),
      counter: 0,
      transports: 'internal',
      created_at,
      last_used_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await ctx.db
    .insertInto('authenticator_apps')
    .values({ account_id, sealed_secret: randomBytes(64), last_step: 0, created_at, last_used_at: null })
    .execute();
  const notice = await ctx.db
    .insertInto('notices')
    .values({
      account_id,
      token_id: null,
      text: 'Something happened.',
      path: '/settings',
      urgent: 0,
      created_at,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const origin = { address: '127.0.0.1', userAgent: 'another browser' };
  const { sessionId } = await createSession(ctx, account_id, origin);
  const owner = { id: account_id, login: mona.login, kind: 'user' } as const;
  const fields = {
    url: 'https://builder.example.com',
    description: '',
    callbackUrl: 'https://builder.example.com/callback',
    deviceFlow: true,
    isPublic: false,
  };
  const application = valueIn(await registerApplication(ctx, owner, { ...fields, name: 'builder' }));
  const secret = valueIn(await generateClientSecret(ctx, application)).expose();
  const other = valueIn(await registerApplication(ctx, owner, { ...fields, name: 'other' }));
  const otherSecret = valueIn(await generateClientSecret(ctx, other)).expose();
  for (const person of [keeper, mona]) {
    await ctx.db.transaction().execute((db) => authorize(ctx, db, person, application, ['gist']));
  }
  const off = valueIn(await registerApplication(ctx, owner, { ...fields, name: 'off' }));
  await setApplicationEnabled(ctx, off, false);
  const issued = await ctx.db
    .transaction()
    .execute((db) => issueApplicationToken(ctx, db, { accountId: keeper.id, application, scopes: ['gist'] }));
  const [clientSecret] = await clientSecretsOf(ctx, application);
  const octo = await findOwnerByLogin(ctx, 'octo');
  if (octo === null) throw new Error('octo is missing');
  const whose = { id: octo.id, login: octo.login, kind: octo.kind };
  const ofOcto = valueIn(await registerApplication(ctx, whose, { ...fields, name: 'of octo' }));
  valueIn(await generateClientSecret(ctx, ofOcto));
  await ctx.db.transaction().execute((db) => authorize(ctx, db, keeper, ofOcto, ['gist']));
  const [secretOfOcto] = await clientSecretsOf(ctx, ofOcto);
  const { id: organization_id } = valueIn(
    await createOrganization(ctx, { login: inviting, name: null, owner: keeper }),
  );
  await ctx.db
    .insertInto('organization_invitations')
    .values({ organization_id, account_id, inviter_id: keeper.id, role: 'member', created_at })
    .execute();
  return {
    passkey: passkey.id,
    session: sessionId,
    notice: notice.id,
    application: application.id,
    applicationOff: off.id,
    clientSecret: clientSecret?.id ?? 0,
    client: { id: application.clientId, secret },
    otherClient: { id: other.clientId, secret: otherSecret },
    applicationToken: issued?.secret.expose() ?? '',
    ofOcto: { application: ofOcto.id, clientSecret: secretOfOcto?.id ?? 0 },
  };
}
