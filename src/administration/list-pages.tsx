// The site admins' lists of every token and of every key, to search and to revoke.
import type { ComponentChildren, JSX } from 'preact';
import type { Call, GuardedRoutes } from '../access/guard.ts';
import { type InstanceTarget, instance } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { deleteAnyKey, type Key, listAllKeys } from '../keys/keys.ts';
import { ExpiryLabel, LastUse } from '../tokens/token-list.tsx';
import { pageOfAllTokens, revokeTokens, type TokenOfAnyone } from '../tokens/tokens.ts';
import { flash } from '../web/flash.ts';
import { Form } from '../web/form.tsx';
import { renderPage } from '../web/page.tsx';
import { Blankslate, Dialog, Heading, Label, Pagination, RelativeTime } from '../web/parts.tsx';

const TOKENS = '/admin/tokens';
const KEYS = '/admin/keys';
const PER_PAGE = 50;
const MAX_SEARCH_LENGTH = 100;

type ListCall = Call<InstanceTarget, object>;

export function listPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: TOKENS,
    action: 'all-tokens.list',
    target: () => instance,
    handler: async (call) => {
      const search = queryText(call, 'q').trim().slice(0, MAX_SEARCH_LENGTH);
      const page = pageNumber(call);
      const { items, total } = await pageOfAllTokens(ctx, {
        page,
        perPage: PER_PAGE,
        ...(search === '' ? {} : { search }),
      });
      const pages = Math.max(1, Math.ceil(total / PER_PAGE));
      const body = <Tokens tokens={items} search={search} page={page} pages={pages} now={ctx.now()} />;
      return renderPage(call, { title: 'All tokens', settings: 'all-tokens' }, body);
    },
  });
  routes.route({
    method: 'GET',
    url: KEYS,
    action: 'all-keys.list',
    target: () => instance,
    handler: async (call) => {
      const page = pageNumber(call);
      const { items, total } = await listAllKeys(ctx, { page, perPage: PER_PAGE });
      const pages = Math.max(1, Math.ceil(total / PER_PAGE));
      const body = <Keys keys={items} page={page} pages={pages} />;
      return renderPage(call, { title: 'All keys', settings: 'all-keys' }, body);
    },
  });

  /** The button of a row; what is gone already needs no more. */
  const removal = (
    list: string,
    action: 'all-tokens.delete' | 'all-keys.delete',
    apply: (call: ListCall, id: number) => Promise<string | null>,
  ): void =>
    routes.route({
      method: 'POST',
      url: `${list}/:id/delete`,
      action,
      target: () => instance,
      handler: async (call) => {
        const { id } = call.request.params as { readonly id: string };
        const said = /^[1-9]\d{0,14}$/.test(id) ? await apply(call, Number(id)) : null;
        if (said === null) return call.refuse({ because: 'invisible' });
        flash(call.reply, 'success', said);
        return call.reply.redirect(list, 303);
      },
    });
  removal(TOKENS, 'all-tokens.delete', async (call, id) =>
    (await revokeTokens(call.ctx, [id])).length === 0
      ? null
      : 'Revoked the token. Of a personal one, its owner is told.',
  );
  removal(KEYS, 'all-keys.delete', async (call, id) => {
    const key = await deleteAnyKey(call.ctx, id);
    return key === null ? null : `Deleted the key “${key.title}”.`;
  });
}

function queryText(call: ListCall, name: string): string {
  const value = (call.request.query as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value : '';
}

function pageNumber(call: ListCall): number {
  const text = queryText(call, 'page');
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1;
}

interface TokensProps {
  readonly tokens: readonly TokenOfAnyone[];
  readonly search: string;
  readonly page: number;
  readonly pages: number;
  readonly now: number;
}

function Tokens({ tokens, search, page, pages, now }: TokensProps): JSX.Element {
  const query = search === '' ? '' : `&q=${encodeURIComponent(search)}`;
  return (
    <>
      <Heading>All tokens</Heading>
      <p class="intro">
        Every personal access token of the instance, and those that applications hold for people. Nobody can
        read them again.
      </p>
      <form method="get" action={TOKENS}>
        <label for="q">Find by note, person, or the last eight characters</label>
        <input class="form-control" type="search" id="q" name="q" value={search} autocomplete="off" />{' '}
        <button type="submit" class="btn">
          Find
        </button>
      </form>
      {tokens.length === 0 ? (
        <Blankslate icon="key" title="No such tokens">
          <p>Nothing matches.</p>
        </Blankslate>
      ) : (
        <ul class="Box token-list" aria-label="Tokens">
          {tokens.map((token) => (
            <li class="Box-row token" key={token.id}>
              <div class="token-facts">
                <div id={`token-${token.id}`}>
                  <strong>{token.application?.name ?? token.note}</strong>{' '}
                  <span class="token-scopes">
                    {token.scopes.length === 0 ? 'no scopes' : token.scopes.join(', ')}
                  </span>
                </div>
                <div class="token-life">
                  <a href={`/admin/people/${token.owner.id}`}>{token.owner.login}</a>
                  <span class="muted">…{token.lastEight}</span>
                  {token.application === null && <ExpiryLabel expiresAt={token.expiresAt} now={now} />}
                  <LastUse at={token.lastUsedAt} />
                  {token.application !== null && <Label icon="apps">Held by an application</Label>}
                  {token.madeBy !== null && <Label look="danger">Impersonation by {token.madeBy}</Label>}
                </div>
              </div>
              <Removal
                action={`${TOKENS}/${token.id}/delete`}
                id={token.id}
                describedBy={`token-${token.id}`}
                opener="Revoke"
                title="Revoke this token?"
                button="I understand, revoke this token"
              >
                <strong>{token.application?.name ?? token.note}</strong> of {token.owner.login} stops working
                at once, everywhere, with the deploy keys that it made.
              </Removal>
            </li>
          ))}
        </ul>
      )}
      <Pagination page={page} pages={pages} href={(to) => `${TOKENS}?page=${to}${query}`} />
    </>
  );
}

interface KeysProps {
  readonly keys: readonly Key[];
  readonly page: number;
  readonly pages: number;
}

function Keys({ keys, page, pages }: KeysProps): JSX.Element {
  return (
    <>
      <Heading>All keys</Heading>
      <p class="intro">Every SSH key of people, and every deploy key of repositories.</p>
      {keys.length === 0 ? (
        <Blankslate icon="key" title="There are no keys">
          <p>People add theirs in their settings, repositories have deploy keys in theirs.</p>
        </Blankslate>
      ) : (
        <ul class="Box token-list" aria-label="Keys">
          {keys.map((key) => (
            <li class="Box-row token" key={key.id}>
              <div class="token-facts">
                <div id={`key-${key.id}`}>
                  <strong>{key.title}</strong> of{' '}
                  {key.holder.kind === 'person' ? key.holder.account.login : key.holder.repository.name}
                </div>
                <div class="token-life">
                  <code class="key-fingerprint">{key.fingerprint}</code>
                  <LastUse at={key.lastUsedAt} />
                  <span class="muted">
                    added <RelativeTime at={key.createdAt} show="date" />
                  </span>
                </div>
              </div>
              <Removal
                action={`${KEYS}/${key.id}/delete`}
                id={key.id}
                describedBy={`key-${key.id}`}
                opener="Delete"
                title="Delete this key?"
                button="I understand, delete this key"
              >
                What uses <strong>{key.title}</strong> is shut out at once.
              </Removal>
            </li>
          ))}
        </ul>
      )}
      <Pagination page={page} pages={pages} href={(to) => `${KEYS}?page=${to}`} />
    </>
  );
}

interface RemovalProps {
  readonly action: string;
  readonly id: number;
  readonly describedBy: string;
  readonly opener: string;
  readonly title: string;
  readonly button: string;
  readonly children: ComponentChildren;
}

function Removal({ action, id, describedBy, opener, title, button, children }: RemovalProps): JSX.Element {
  return (
    <Dialog
      id={`remove-${id}`}
      title={title}
      opener={opener}
      openerClass="btn btn-danger btn-sm"
      openerDescribedBy={describedBy}
    >
      <p>{children} This can't be undone.</p>
      <Form action={action}>
        <button type="submit" class="btn btn-danger">
          {button}
        </button>
      </Form>
    </Dialog>
  );
}
