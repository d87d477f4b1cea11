// The forms in which a token is made, edited and regenerated.
import type { ComponentChildren, JSX } from 'preact';
import type { Problem } from '../problems.ts';
import type { Scopes } from '../scopes/scopes.ts';
import { Field, Form, FormProblems } from '../web/form.tsx';
import { Heading, Notice, RelativeTime } from '../web/parts.tsx';
import { type Expiration, ExpirationField, expirationFields } from './expiration-field.tsx';
import { exceedsLife } from './lifetime.ts';
import { ScopeTree } from './scope-tree.tsx';
import { ExpiryLabel, LastUse } from './token-list.tsx';
import { isExpired, MAX_NOTE_LENGTH, type Token } from './tokens.ts';
import { TokenUse } from './use-view.tsx';
import type { TokenUses } from './uses.ts';

const purpose = 'What’s this token for?';

export interface NewTokenProps {
  readonly note: string;
  readonly scopes: Scopes;
  /** Null: the default. */
  readonly expiration: Expiration | null;
  /** The longest life that the instance allows; null: any. */
  readonly maxDays: number | null;
  readonly problems?: readonly Problem[];
}

export function NewToken({ note, scopes, expiration, maxDays, problems = [] }: NewTokenProps): JSX.Element {
  return (
    <>
      <Heading>New personal access token</Heading>
      <p class="intro">
        A personal access token works in place of a password for Git over HTTPS, and authenticates to the API.
      </p>
      <FormProblems problems={problems} fields={['note', ...expirationFields]} />
      <Form action="/settings/tokens" autocomplete="off">
        <NoteField value={note} problems={problems} />
        <ExpirationField value={expiration} maxDays={maxDays} problems={problems} />
        <ScopeTree ticked={scopes} />
        <Actions submit="Generate token" />
      </Form>
    </>
  );
}

export interface EditTokenProps {
  readonly token: Token;
  readonly now: number;
  readonly note: string;
  readonly scopes: Scopes;
  readonly uses: TokenUses;
  /** The longest life that the instance allows; null: any. */
  readonly maxDays: number | null;
  readonly problems?: readonly Problem[];
}

export function EditToken(props: EditTokenProps): JSX.Element {
  const { token, now, note, scopes, uses, maxDays, problems = [] } = props;
  return (
    <>
      <Heading
        actions={
          <a class="btn" href={`/settings/tokens/${token.id}/regenerate`}>
            Regenerate token
          </a>
        }
      >
        Edit personal access token
      </Heading>
      <p class="token-life">
        <ExpiryLabel expiresAt={token.expiresAt} now={now} />
        <LastUse at={token.lastUsedAt} />
        <a href="#uses">What it is used for</a>
      </p>
      <p class="intro">
        {isExpired(token.expiresAt, now)
          ? 'An expired token stays dead. To use this one again, regenerate it: it then gets a new secret.'
          : 'Changes hold from the next request on; the secret and its expiration stay. To change those, regenerate the token.'}
      </p>
      {maxDays !== null && exceedsLife(maxDays, token.issuedAt, token.expiresAt) && (
        <Notice kind="warn">
          Tokens of this instance may live for {maxDays === 1 ? 'one day' : `${maxDays} days`} at most. This
          one was given longer, and is refused until you{' '}
          <a href={`/settings/tokens/${token.id}/regenerate`}>regenerate it</a>.
        </Notice>
      )}
      <FormProblems problems={problems} fields={['note']} />
      <Form action={`/settings/tokens/${token.id}`} autocomplete="off">
        <NoteField value={note} problems={problems} />
        <ScopeTree ticked={scopes} />
        <Actions submit="Update token" />
      </Form>
      <TokenUse token={token} uses={uses} now={now} />
    </>
  );
}

export interface RegenerateTokenProps {
  readonly token: Token;
  readonly expiration: Expiration | null;
  readonly maxDays: number | null;
  readonly problems?: readonly Problem[];
}

export function RegenerateToken(props: RegenerateTokenProps): JSX.Element {
  const { token, expiration, maxDays, problems = [] } = props;
  return (
    <>
      <Heading>Regenerate personal access token</Heading>
      <p class="intro">
        <strong>{token.note}</strong> gets a new secret; its note and scopes stay. The present secret
        {token.lastUsedAt === null ? (
          ', which was never used,'
        ) : (
          <>
            , last used <RelativeTime at={token.lastUsedAt} />,
          </>
        )}{' '}
        dies at once: programs and people that use it must be given the new one.
      </p>
      <FormProblems problems={problems} fields={expirationFields} />
      <Form action={`/settings/tokens/${token.id}/regenerate`} autocomplete="off">
        {/* Tells this secret from the next, so that reloading the answer can't kill the token just copied. */}
        <input type="hidden" name="replaces" value={token.lastEight} />
        <ExpirationField value={expiration} maxDays={maxDays} problems={problems} />
        <Actions submit="Regenerate token" />
      </Form>
    </>
  );
}

function NoteField(props: { readonly value: string; readonly problems: readonly Problem[] }): JSX.Element {
  return (
    <Field
      name="note"
      label="Note"
      value={props.value}
      problems={props.problems}
      help={purpose}
      required
      autocomplete="off"
      maxLength={MAX_NOTE_LENGTH}
    />
  );
}

function Actions({ submit }: { readonly submit: ComponentChildren }): JSX.Element {
  return (
    <div class="form-buttons">
      <button type="submit" class="btn btn-primary">
        {submit}
      </button>
      <a href="/settings/tokens">Cancel</a>
    </div>
  );
}
