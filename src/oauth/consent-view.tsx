// The page that asks whether an application may act for a person: who asks, what for, and where it leads.
import type { JSX } from 'preact';
import { normalForm, type Scopes, satisfies, scopeNamed } from '../scopes/scopes.ts';
import { Checkbox, Form } from '../web/form.tsx';
import { type FormFields, listOf } from '../web/forms.ts';
import { usePage } from '../web/page-context.ts';
import { Heading, Notice } from '../web/parts.tsx';
import type { Application } from './applications.ts';
import { leadsToLoopback } from './redirects.ts';
import { scopeWords } from './scope-words.ts';

export interface ConsentProps {
  readonly application: Application;
  /** What is asked for. */
  readonly scopes: Scopes;
  /** What the person has granted before; null: nothing ever. */
  readonly before: Scopes | null;
  /** Where the answer goes. */
  readonly leadsTo: string;
  /** The address to which a refusal leads. */
  readonly cancelled: string;
  /** The query of the request, to come with the answer. */
  readonly query: string;
  /** The account that the application has in mind, if that is another one. */
  readonly meant: string | null;
}

export function Consent(props: ConsentProps): JSX.Element {
  const { application, scopes, before, leadsTo, cancelled, query, meant } = props;
  const { account } = usePage();
  return (
    <>
      <Heading>Authorize {application.name}</Heading>
      <p>
        <strong>{application.name}</strong>, <OwnerWords application={application} />, asks to act for your
        account <strong>{account?.login}</strong>.
      </p>
      {meant !== null && (
        <Notice kind="warn">
          It expects the account <strong>{meant}</strong>, and you are signed in as{' '}
          <strong>{account?.login}</strong>.
        </Notice>
      )}
      {application.isPublic && (
        <Notice kind="warn">
          This application runs on people's own machines and can't prove who it is: any program can say that
          it is {application.name}. Go on only if you have just started signing in there yourself.
        </Notice>
      )}
      <Form action="/login/oauth/authorize" label={`Authorize ${application.name}`}>
        <input type="hidden" name="asked" value={query} />
        <ScopeChoice scopes={scopes} before={before} />
        <p class="muted">
          You will be led to <strong>{placeName(leadsTo)}</strong>
          {leadsToLoopback(leadsTo) && ', a program on this very machine'}. What you allow lasts until you
          revoke it, and never goes beyond what you can do yourself.
        </p>
        <div class="form-buttons">
          <button type="submit" class="btn btn-primary">
            Authorize {application.name}
          </button>
          <a class="btn" href={cancelled}>
            Cancel
          </a>
        </div>
      </Form>
      <Form action="/login/oauth/switch" label="Another account">
        <input type="hidden" name="asked" value={query} />
        <p class="muted">
          Not {account?.login}?{' '}
          <button type="submit" class="btn-link">
            Sign in as somebody else
          </button>
        </p>
      </Form>
    </>
  );
}

/** The checkboxes by which a person grants what is asked for, or less. */
export function ScopeChoice(props: { readonly scopes: Scopes; readonly before: Scopes | null }): JSX.Element {
  const { scopes, before } = props;
  if (scopes.length === 0) {
    return (
      <p>
        It asks for no scopes: it will know who you are, and can read what is public on this server, nothing
        else.
      </p>
    );
  }
  return (
    <fieldset class="scopes">
      <legend>It asks to</legend>
      <p class="muted">
        Untick what you don't want to allow; the application may then not do all that it promises.
        {before !== null &&
          before.length > 0 &&
          ` You have allowed it ${before.join(', ')} before, which stays.`}
      </p>
      {scopes.map((scope) => (
        <Checkbox key={scope} name="scopes" value={scope} label={scope} help={scopeWords(scope)} checked />
      ))}
    </fieldset>
  );
}

/** What was ticked there: no more than was asked for, whatever was sent. */
export function scopesGranted(fields: FormFields, asked: Scopes): Scopes {
  const ticked = normalForm(listOf(fields, 'scopes').flatMap((name) => scopeNamed(name) ?? []));
  return ticked.filter((scope) => satisfies(asked, [scope]));
}

/** Who stands behind it, in the middle of a sentence. */
export function OwnerWords({ application }: { readonly application: Application }): JSX.Element {
  const { owner } = application;
  if (owner === null) return <>known to this server from the start</>;
  return (
    <>
      registered by <a href={`/${owner.login}`}>{owner.login}</a>
    </>
  );
}

/** What tells people where an address leads: without its path, and without the rest that nobody reads. */
function placeName(address: string): string {
  const { protocol, host } = new URL(address);
  return host === '' ? protocol : `${protocol}//${host}`;
}

/** Stands where a browser is to go on by itself, and says where to. */
export function HandOver(props: { readonly application: Application; readonly to: string }): JSX.Element {
  const { application, to } = props;
  return (
    <>
      <Heading>You are being led to {application.name}</Heading>
      <p>
        If nothing happens, <a href={to}>go on to {application.name}</a>.
      </p>
    </>
  );
}
