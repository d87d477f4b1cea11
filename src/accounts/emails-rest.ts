// One's own e-mail addresses and profile through the API.
import { type Static, Type } from 'typebox';
import type { GuardedRoutes } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import { ApiError, validationFailed } from '../api/errors.ts';
import { type Page, pageOf, setLinks } from '../api/paging.ts';
import type { Context } from '../context.ts';
import { type Account, findAccount } from './accounts.ts';
import { addEmails, listEmails, type OwnEmail, removeEmails, setEmailVisibility } from './further-emails.ts';
import { emailJson } from './json.ts';
import { changeProfile } from './profiles.ts';

const someEmails = Type.Object({ emails: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }) });
const visibilityBody = Type.Object({
  visibility: Type.Union([Type.Literal('public'), Type.Literal('private')]),
});
const text = Type.Optional(Type.String());
const profileBody = Type.Object({
  name: text,
  email: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  blog: text,
  twitter_username: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  company: text,
  location: text,
  hireable: Type.Optional(Type.Boolean()),
  bio: text,
});

/** @param privateUser the answer to who may see all of an account */
export function emailsRest(
  routes: GuardedRoutes,
  ctx: Context,
  privateUser: (account: Account) => Promise<object>,
): void {
  const own = async (target: AccountTarget): Promise<Account> => {
    const account = await findAccount(ctx, target.accountId);
    // Deleted since the token was looked up.
    if (account === null) throw new ApiError('bad-credentials');
    return account;
  };

  for (const [url, isShown] of [
    ['/user/emails', () => true],
    ['/user/public_emails', ({ isPublic }: OwnEmail) => isPublic],
  ] as const) {
    routes.route({
      method: 'GET',
      url,
      action: 'emails.read',
      target: selfTarget,
      handler: async ({ request, reply, target }) => {
        const emails = (await listEmails(ctx, await own(target))).filter(isShown);
        const page = pageOf(request);
        setLinks(request, reply, ctx.config, url, page, { total: emails.length });
        return pageIn(emails, page).map(emailJson);
      },
    });
  }
  routes.route({
    method: 'POST',
    url: '/user/emails',
    action: 'emails.write',
    target: selfTarget,
    schema: { body: someEmails },
    handler: async ({ ctx: acting, target, reply, body }) => {
      const added = await addEmails(acting, await own(target), body.emails);
      if (!added.ok) throw validationFailed('UserEmail', added.problems);
      reply.code(201);
      return added.value.map(emailJson);
    },
  });
  routes.route({
    method: 'DELETE',
    url: '/user/emails',
    action: 'emails.write',
    target: selfTarget,
    schema: { body: someEmails },
    handler: async ({ ctx: acting, target, reply, body }) => {
      const removed = await removeEmails(acting, await own(target), body.emails);
      if (!removed.ok) throw validationFailed('UserEmail', removed.problems);
      return reply.code(204).send();
    },
  });
  routes.route({
    method: 'PATCH',
    url: '/user/email/visibility',
    action: 'emails.write',
    target: selfTarget,
    schema: { body: visibilityBody },
    handler: async ({ ctx: acting, target, body }) => {
      const account = await own(target);
      await setEmailVisibility(acting, account, body.visibility === 'public');
      return (await listEmails(ctx, account)).filter(({ isPrimary }) => isPrimary).map(emailJson);
    },
  });
  routes.route({
    method: 'PATCH',
    url: '/user',
    action: 'user.update',
    target: selfTarget,
    schema: { body: profileBody },
    handler: async ({ ctx: acting, target, body }) => {
      const changed = await changeProfile(acting, target.accountId, changeOf(body));
      if (!changed.ok) throw validationFailed('User', changed.problems);
      return privateUser(changed.value);
    },
  });
}

function pageIn<T>(items: readonly T[], { page, perPage }: Page): readonly T[] {
  return items.slice((page - 1) * perPage, page * perPage);
}

function changeOf({ twitter_username: twitterUsername, ...rest }: Static<typeof profileBody>) {
  return { ...rest, ...(twitterUsername === undefined ? {} : { twitterUsername }) };
}
