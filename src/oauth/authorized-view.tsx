// Parts of the pages on which people see what they let applications do.
import type { JSX } from 'preact';
import type { Key } from '../keys/keys.ts';
import { LastUse } from '../tokens/token-list.tsx';
import type { Token } from '../tokens/tokens.ts';
import { Form } from '../web/form.tsx';
import { Blankslate, Dialog, Heading, Label, Notice, RelativeTime } from '../web/parts.tsx';
import type { Application } from './applications.ts';
import type { Authorization } from './authorizations.ts';
import type { AuthorizedApplicationRow } from './authorized.ts';
import { OwnerWords } from './consent-view.tsx';
import { scopeWords } from './scope-words.ts';

export const LIST = '/settings/applications';

/** GHES's address of it (ghes-spec 1.1). */
const pageOf = ({ clientId }: Application): string => `/settings/connections/applications/${clientId}`;

export function AuthorizedList({ all }: { readonly all: readonly AuthorizedApplicationRow[] }): JSX.Element {
  return (
    <>
      <Heading actions={all.length > 0 && <RevokeAll count={all.length} />}>Authorized OAuth Apps</Heading>
      <p class="intro">
        Programs and services that you let act for you here, and what they may do. Revoke those that you don't
        use any more.
      </p>
      {all.length === 0 ? (
        <Blankslate icon="apps" title="You have authorized no applications">
          <p>Those that you let sign you in, such as GitHub CLI, will be listed here.</p>
        </Blankslate>
      ) : (
        <ul class="Box entries" aria-label="Authorized OAuth Apps">
          {all.map((row) => (
            <AuthorizedRow key={row.application.id} {...row} />
          ))}
        </ul>
      )}
      <p class="muted">
        Applications that you have registered yourself are among your{' '}
        <a href="/settings/developers">Developer settings</a>.
      </p>
    </>
  );
}

function AuthorizedRow({ application, authorization, tokens }: AuthorizedApplicationRow): JSX.Element {
  const name = `application-${application.id}`;
  return (
    <li class="Box-row entry">
      <div class="entry-main">
        <p>
          <a href={pageOf(application)} id={name}>
            {application.name}
          </a>{' '}
          <span class="token-scopes">{scopesText(authorization)}</span> <OffLabel application={application} />
        </p>
        <p class="muted">
          <LastUse at={tokens.lastUsedAt} /> · authorized{' '}
          <RelativeTime at={authorization.createdAt} show="date" /> · <OwnerWords application={application} />
        </p>
      </div>
      <Revoke application={application} describedBy={name} small />
    </li>
  );
}

const scopesText = ({ scopes }: Authorization): string =>
  scopes.length === 0 ? 'no scopes' : scopes.join(', ');

function OffLabel({ application }: { readonly application: Application }): JSX.Element | false {
  return !application.enabled && <Label look="danger">Switched off by a site admin</Label>;
}

function RevokeAll({ count }: { readonly count: number }): JSX.Element {
  return (
    <Dialog id="revoke-all" title="Revoke all applications?" opener="Revoke all" openerClass="btn btn-danger">
      <p>
        {count === 1 ? 'The application loses' : `All ${count} applications lose`} what you let them do: their
        tokens stop working at once, and the SSH keys and deploy keys that they made are deleted.
      </p>
      <Form action={`${LIST}/revoke-all`}>
        <button type="submit" class="btn btn-danger">
          I understand, revoke everything
        </button>
      </Form>
    </Dialog>
  );
}

function Revoke(props: {
  readonly application: Application;
  readonly describedBy: string;
  readonly small?: true;
}): JSX.Element {
  const { application, describedBy, small } = props;
  return (
    <Dialog
      id={`revoke-${application.id}`}
      title={`Revoke ${application.name}?`}
      opener="Revoke"
      openerClass={small === true ? 'btn btn-danger btn-sm' : 'btn btn-danger'}
      openerDescribedBy={describedBy}
    >
      <p>
        The tokens that {application.name} has for you stop working at once, and the SSH keys and deploy keys
        that it made are deleted. To use it again, you have to authorize it anew.
      </p>
      <Form action={`${pageOf(application)}/revoke`}>
        <button type="submit" class="btn btn-danger">
          I understand, revoke access
        </button>
      </Form>
    </Dialog>
  );
}

export function AuthorizedApplication(props: {
  readonly application: Application;
  readonly authorization: Authorization;
  readonly tokens: readonly Token[];
  readonly keys: readonly Key[];
}): JSX.Element {
  const { application, authorization, tokens, keys } = props;
  return (
    <>
      <Heading actions={<Revoke application={application} describedBy="application" />}>
        <span id="application">{application.name}</span>
      </Heading>
      {!application.enabled && (
        <Notice kind="warn">
          A site admin has switched this application off. Its tokens are refused, and it can get no others.
        </Notice>
      )}
      <p>
        <a href={LIST}>Authorized OAuth Apps</a> · <OwnerWords application={application} /> ·{' '}
        <a class="break-all" href={application.url} rel="noreferrer nofollow">
          {application.url}
        </a>
      </p>
      {application.description !== null && <p>{application.description}</p>}
      <p class="muted">
        You authorized it <RelativeTime at={authorization.createdAt} show="date" />.
      </p>
      <h2 class="settings-heading">What it may do</h2>
      <Granted authorization={authorization} />
      <h2 class="settings-heading">Tokens</h2>
      <Tokens tokens={tokens} />
      <h2 class="settings-heading">Keys that it made</h2>
      <Keys keys={keys} />
    </>
  );
}

function Granted({ authorization: { scopes } }: { readonly authorization: Authorization }): JSX.Element {
  if (scopes.length === 0) {
    return <p>It knows who you are, and reads what is public on this server, nothing else.</p>;
  }
  return (
    <ul class="Box entries" aria-label="What it may do">
      {scopes.map((scope) => (
        <li key={scope} class="Box-row entry">
          <div class="entry-main">
            <p>
              <code>{scope}</code>
            </p>
            <p class="muted">{scopeWords(scope)}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Tokens({ tokens }: { readonly tokens: readonly Token[] }): JSX.Element {
  if (tokens.length === 0) return <p class="muted">It has none at present.</p>;
  return (
    <>
      <p>It has {tokens.length === 1 ? 'one token' : `${tokens.length} tokens`} of yours.</p>
      <ul class="Box entries" aria-label="Tokens">
        {tokens.map((token) => (
          <li key={token.id} class="Box-row entry">
            <div class="entry-main">
              <p>
                <code>…{token.lastEight}</code>{' '}
                <span class="token-scopes">
                  {token.scopes.length === 0 ? 'no scopes' : token.scopes.join(', ')}
                </span>
              </p>
              <p class="muted">
                made <RelativeTime at={token.createdAt} show="date" /> · <LastUse at={token.lastUsedAt} />
              </p>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function Keys({ keys }: { readonly keys: readonly Key[] }): JSX.Element {
  if (keys.length === 0) return <p class="muted">None.</p>;
  return (
    <ul class="Box entries" aria-label="Keys that it made">
      {keys.map(({ id, title, fingerprint, holder, lastUsedAt }) => (
        <li key={id} class="Box-row entry">
          <div class="entry-main">
            <p>
              <strong>{title}</strong>{' '}
              {holder.kind === 'person' ? 'SSH key of yours' : `deploy key of ${holder.repository.name}`}
            </p>
            <p class="muted">
              <code class="key-fingerprint">{fingerprint}</code> <LastUse at={lastUsedAt} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
