// The pages of personal access tokens (ghes-spec 1.1–1.3; the words are the contract's).
//
// A new token is shown by answering the form itself with the list. Nothing then needs to keep its plain text, no
// address holds it, and `no-store` keeps it out of caches and history. Reloading sends the form again, which is
// refused, since the note is taken; for a regeneration, since the secret it was to replace is gone.
import type { FastifyReply } from 'fastify';
import type { ActionName } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { done, type Outcome, type Problem } from '../problems.ts';
import { normalForm, type Scopes, scopeNamed, splitScopeText } from '../scopes/scopes.ts';
import { readSettings } from '../settings/settings.ts';
import { flash } from '../web/flash.ts';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { dateOf } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { ofForm, readExpiration, submittedExpiration } from './expiration-field.tsx';
import { longestLife } from './lifetime.ts';
import { narrowToken, shortenToken } from './reducing.ts';
import { submittedScopes } from './scope-tree.tsx';
import { EditToken, NewToken, type NewTokenProps, RegenerateToken } from './token-form.tsx';
import { TokenList } from './token-list.tsx';
import {
  createToken,
  deleteAllTokens,
  deleteToken,
  findToken,
  type IssuedToken,
  listTokens,
  regenerateToken,
  type Token,
  updateToken,
} from './tokens.ts';
import { usesOf } from './uses.ts';

type TokenCall = Call<AccountTarget, RouteSchema>;

const LIST = '/settings/tokens';
const settings = 'tokens';

export function tokenPages(routes: GuardedRoutes, ctx: Context): void {
  type OwnAction = Extract<ActionName, `tokens.${string}`>;
  const page = (
    method: 'GET' | 'POST',
    url: string,
    action: OwnAction,
    handler: (call: TokenCall) => unknown,
  ): void => routes.route({ method, url, action, target: selfTarget, handler });

  /** For pages of one token: 404 where the account has no such one. */
  const ofToken =
    (handler: (call: TokenCall, token: Token) => unknown) =>
    async (call: TokenCall): Promise<unknown> => {
      const id = idOf(call);
      const token = id === null ? null : await findToken(ctx, call.target.accountId, id);
      return token === null ? call.refuse({ because: 'invisible' }) : handler(call, token);
    };

  async function sendList(call: TokenCall, issued?: IssuedToken): Promise<FastifyReply> {
    const tokens = await listTokens(ctx, call.target.accountId);
    return renderPage(
      call,
      { title: 'Personal access tokens', settings },
      <TokenList tokens={tokens} now={ctx.now()} {...(issued === undefined ? {} : { issued })} />,
    );
  }

  async function sendNew(call: TokenCall, form: Omit<NewTokenProps, 'maxDays'>): Promise<FastifyReply> {
    const title = 'New personal access token';
    const head = { title, settings, status: statusOf(form.problems) } as const;
    return renderPage(call, head, <NewToken {...form} maxDays={await longestLifeOf(call)} />);
  }

  /** The longest life that a token of this person may be given, in days; null: any. */
  async function longestLifeOf({ actor }: TokenCall): Promise<number | null> {
    return actor.kind === 'user' ? longestLife(await readSettings(ctx), actor.account) : null;
  }

  async function sendEdit(call: TokenCall, token: Token, form: EditForm): Promise<FastifyReply> {
    const more = { uses: await usesOf(ctx, token), maxDays: await longestLifeOf(call) };
    return renderPage(
      call,
      { title: 'Edit personal access token', settings, status: statusOf(form.problems) },
      <EditToken token={token} now={ctx.now()} {...form} {...more} />,
    );
  }

  const searchOf = (call: TokenCall): URLSearchParams =>
    new URL(call.request.url, ctx.config.url).searchParams;

  /** The scopes that the address asks to have ticked; names that are none are left out. */
  const namedScopes = (call: TokenCall): Scopes =>
    splitScopeText(searchOf(call).getAll('scopes').join(',')).flatMap((name) => scopeNamed(name) ?? []);

  page('GET', LIST, 'tokens.list', (call) => sendList(call));

  page('GET', `${LIST}/new`, 'tokens.create', (call) => {
    return sendNew(call, {
      note: searchOf(call).get('description') ?? '',
      scopes: normalForm(namedScopes(call)),
      expiration: null,
    });
  });

  page('POST', LIST, 'tokens.create', async (call) => {
    const fields = submitted(call.request);
    const form = {
      note: textOf(fields, 'note'),
      scopes: submittedScopes(fields),
      expiration: submittedExpiration(fields),
    };
    const expiresAt = readExpiration(form.expiration, ctx.now());
    if (!expiresAt.ok) return sendNew(call, { ...form, problems: expiresAt.problems });
    const { accountId } = call.target;
    const made = await createToken(call.ctx, { ...form, accountId, expiresAt: expiresAt.value });
    if (made.ok) return sendList(call, made.value);
    return sendNew(call, { ...form, problems: ofForm(made.problems, form.expiration) });
  });

  page('POST', `${LIST}/revoke-all`, 'tokens.delete', async (call) => {
    const count = await deleteAllTokens(call.ctx, call.target.accountId);
    flash(call.reply, 'success', count === 1 ? 'Revoked one token.' : `Revoked ${count} tokens.`);
    return call.reply.redirect(LIST, 303);
  });

  page(
    'GET',
    `${LIST}/:id`,
    'tokens.update',
    // A refusal of the API leads here, with the scope that was missing.
    ofToken((call, token) =>
      sendEdit(call, token, {
        note: token.note,
        scopes: normalForm([...token.scopes, ...namedScopes(call)]),
      }),
    ),
  );

  page(
    'POST',
    `${LIST}/:id`,
    'tokens.update',
    ofToken(async (call, token) => {
      const fields = submitted(call.request);
      const form = { note: textOf(fields, 'note'), scopes: submittedScopes(fields) };
      const updated = await updateToken(call.ctx, call.target.accountId, token.id, form);
      if (!updated.ok) return sendEdit(call, token, { ...form, problems: updated.problems });
      flash(call.reply, 'success', `Updated the token “${updated.value.note}”.`);
      return call.reply.redirect(LIST, 303);
    }),
  );

  /** What a token's page offers in one click: said, and back to it. */
  const offer = (verb: string, change: (call: TokenCall, token: Token) => Promise<Outcome<string>>): void =>
    page(
      'POST',
      `${LIST}/:id/${verb}`,
      'tokens.update',
      ofToken(async (call, token) => {
        const changed = await change(call, token);
        const text = changed.ok ? changed.value : changed.problems.map(({ message }) => message).join(' ');
        flash(call.reply, changed.ok ? 'success' : 'error', text);
        return call.reply.redirect(`${LIST}/${token.id}`, 303);
      }),
    );

  offer('narrow', async (call, token) => {
    const scopes = submittedScopes(submitted(call.request));
    const narrowed = await narrowToken(call.ctx, call.target.accountId, token.id, scopes);
    if (!narrowed.ok) return narrowed;
    const names = narrowed.value.scopes.join(', ');
    return done(`The token has ${names === '' ? 'no scopes' : `the scopes ${names}`} from now on.`);
  });

  offer('shorten', async (call, token) => {
    const shortened = await shortenToken(call.ctx, call.target.accountId, token.id);
    return shortened.ok ? done(`The token expires on ${dateOf(shortened.value.expiresAt ?? 0)}.`) : shortened;
  });

  page(
    'POST',
    `${LIST}/:id/delete`,
    'tokens.delete',
    ofToken(async (call, token) => {
      await deleteToken(call.ctx, call.target.accountId, token.id);
      flash(call.reply, 'success', `Deleted the token “${token.note}”.`);
      return call.reply.redirect(LIST, 303);
    }),
  );

  const regenerateTitle = 'Regenerate personal access token';
  page(
    'GET',
    `${LIST}/:id/regenerate`,
    'tokens.regenerate',
    ofToken(async (call, token) =>
      renderPage(
        call,
        { title: regenerateTitle, settings },
        <RegenerateToken token={token} expiration={null} maxDays={await longestLifeOf(call)} />,
      ),
    ),
  );

  page(
    'POST',
    `${LIST}/:id/regenerate`,
    'tokens.regenerate',
    ofToken(async (call, token) => {
      const fields = submitted(call.request);
      const expiration = submittedExpiration(fields);
      const again = async (problems: readonly Problem[]): Promise<FastifyReply> =>
        renderPage(
          call,
          { title: regenerateTitle, settings, status: statusOf(problems) },
          <RegenerateToken
            token={token}
            expiration={expiration}
            maxDays={await longestLifeOf(call)}
            problems={problems}
          />,
        );
      const expiresAt = readExpiration(expiration, ctx.now());
      if (!expiresAt.ok) return again(expiresAt.problems);
      const made = await regenerateToken(call.ctx, call.target.accountId, token.id, {
        expiresAt: expiresAt.value,
        replaces: textOf(fields, 'replaces'),
      });
      return made.ok ? sendList(call, made.value) : again(ofForm(made.problems, expiration));
    }),
  );
}

type EditForm = Pick<Token, 'note' | 'scopes'> & { readonly problems?: readonly Problem[] };

function statusOf(problems: readonly Problem[] | undefined): number {
  return problems === undefined || problems.length === 0 ? 200 : 422;
}

/** The id in the path; null if it can't be one. */
function idOf(call: TokenCall): number | null {
  const { id = '' } = call.request.params as { readonly id?: string };
  return /^[1-9]\d{0,14}$/.test(id) ? Number(id) : null;
}
