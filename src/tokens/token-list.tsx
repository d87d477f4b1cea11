// The list of a person's tokens; right after one was made, with its plain text on top, this once.
import type { JSX } from 'preact';
import { GitSetUp } from '../git-setup/setup-view.tsx';
import type { Secret } from '../secrets/secret.ts';
import { Form } from '../web/form.tsx';
import { usePage } from '../web/page-context.ts';
import {
  Blankslate,
  CopyButton,
  Dialog,
  dateOf,
  Heading,
  Label,
  Notice,
  RelativeTime,
} from '../web/parts.tsx';
import { type IssuedToken, isExpired, type Token } from './tokens.ts';

/** An expiration this near is pointed out; it is also when mails warn (ghes-spec 3). */
const SOON_MS = 7 * 24 * 60 * 60 * 1000;

export interface TokenListProps {
  readonly tokens: readonly Token[];
  readonly now: number;
  /** Just made or regenerated. */
  readonly issued?: IssuedToken;
}

export function TokenList({ tokens, now, issued }: TokenListProps): JSX.Element {
  return (
    <>
      <Heading
        actions={
          <>
            <a class="btn btn-primary" href="/settings/tokens/new">
              Generate new token
            </a>
            {tokens.length > 0 && <RevokeAll count={tokens.length} />}
          </>
        }
      >
        Personal access tokens
      </Heading>
      <p class="intro">
        Tokens you have generated to use Git over HTTPS and the API. Treat them like passwords: whoever has
        one is you. Hand them to programs in environment variables rather than in code.
      </p>
      {issued !== undefined && <FreshToken note={issued.token.note} secret={issued.secret} />}
      {issued !== undefined && <HowToUse />}
      {tokens.length === 0 ? (
        <Blankslate icon="key" title="You have no personal access tokens">
          <p>Generate one to clone and push over HTTPS, or to call the API.</p>
        </Blankslate>
      ) : (
        <ul class="Box token-list" aria-label="Personal access tokens">
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} now={now} />
          ))}
        </ul>
      )}
    </>
  );
}

/** The only place where a token leaves its type for people's eyes. */
function FreshToken({ note, secret }: { readonly note: string; readonly secret: Secret }): JSX.Element {
  return (
    <Notice kind="success">
      <p>
        Copy the token <strong>{note}</strong> now. It will not be shown again.
      </p>
      <div class="fresh-token">
        <code id="fresh-token">{secret.expose()}</code>
        <CopyButton from="fresh-token" label="Copy token" />
      </div>
    </Notice>
  );
}

/** How git gets to know it, without its standing in any command. */
function HowToUse(): JSX.Element {
  const { url, account } = usePage();
  return (
    <section aria-labelledby="how-to-use">
      <h2 class="h4" id="how-to-use">
        Give it to git on your computer
      </h2>
      <p class="muted">
        Set up a helper that keeps it, clone or push, and paste the token when git asks for the password.{' '}
        <a href="/settings/git">More on setting up git</a>
      </p>
      <GitSetUp instance={{ url, login: account?.login ?? '' }} open={null} />
    </section>
  );
}

function TokenRow({ token, now }: { readonly token: Token; readonly now: number }): JSX.Element {
  const note = `token-${token.id}`;
  return (
    <li class="Box-row token">
      <div class="token-facts">
        <div>
          <a class="token-note" id={note} href={`/settings/tokens/${token.id}`}>
            {token.note}
          </a>{' '}
          <span class="token-scopes">
            {token.scopes.length === 0 ? 'no scopes' : token.scopes.join(', ')}
          </span>
        </div>
        <div class="token-life">
          <ExpiryLabel expiresAt={token.expiresAt} now={now} />
          <LastUse at={token.lastUsedAt} />
          {token.madeBy !== null && (
            <Label look="danger" icon="person">
              Made by the site admin {token.madeBy} to act as you
            </Label>
          )}
        </div>
      </div>
      <Dialog
        id={`delete-${token.id}`}
        title="Delete this token?"
        opener="Delete"
        openerClass="btn btn-danger btn-sm"
        openerDescribedBy={note}
      >
        <p>
          <strong>{token.note}</strong> stops working at once, everywhere. Programs and people that use it
          lose access. This can't be undone.
        </p>
        <Form action={`/settings/tokens/${token.id}/delete`}>
          <button type="submit" class="btn btn-danger">
            I understand, delete this token
          </button>
        </Form>
      </Dialog>
    </li>
  );
}

function RevokeAll({ count }: { readonly count: number }): JSX.Element {
  return (
    <Dialog id="revoke-all" title="Revoke all tokens?" opener="Revoke all" openerClass="btn btn-danger">
      <p>
        {count === 1 ? 'Your one token stops' : `All ${count} of your tokens stop`} working at once,
        everywhere. Programs and people that use them lose access. This can't be undone.
      </p>
      <Form action="/settings/tokens/revoke-all">
        <button type="submit" class="btn btn-danger">
          I understand, revoke all tokens
        </button>
      </Form>
    </Dialog>
  );
}

/** @param at milliseconds since 1970; null: never */
export function LastUse({ at }: { readonly at: number | null }): JSX.Element {
  if (at === null) return <Label icon="circle-slash">Never used</Label>;
  return (
    <span class="muted">
      Last used <RelativeTime at={at} />
    </span>
  );
}

export interface ExpiryLabelProps {
  readonly expiresAt: number | null;
  readonly now: number;
}

/** Expired, never expiring, soon expiring and other tokens, told apart by colour, icon and words. */
export function ExpiryLabel({ expiresAt, now }: ExpiryLabelProps): JSX.Element {
  if (expiresAt === null) {
    return (
      <Label look="attention" icon="alert">
        No expiration
      </Label>
    );
  }
  const exact = `${new Date(expiresAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const date = (
    <time dateTime={new Date(expiresAt).toISOString()} title={exact}>
      {dateOf(expiresAt)}
    </time>
  );
  if (isExpired(expiresAt, now)) {
    return (
      <Label look="danger" icon="stop">
        Expired on {date}
      </Label>
    );
  }
  return (
    <Label look={expiresAt - now <= SOON_MS ? 'accent' : 'success'} icon="clock">
      Expires on {date}
    </Label>
  );
}
