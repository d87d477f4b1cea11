// What the page of a person's keys shows of those that sign (ghes-spec 7.3), and the form for a new GPG key.
import type { ComponentChildren, JSX } from 'preact';
import type { Problem } from '../problems.ts';
import { Field, Form, FormProblems, TextArea } from '../web/form.tsx';
import { Blankslate, Dialog, Label, RelativeTime } from '../web/parts.tsx';
import { FIRST_LINE } from './armor.ts';
import type { GpgKey, SigningKey } from './signing.ts';

export const SIGNING_KEYS = '/settings/keys/signing';
export const GPG_KEYS = '/settings/keys/gpg';

interface RowProps {
  /** Unique on the page. */
  readonly name: string;
  readonly title: string;
  /** Where its form for deleting is posted to. */
  readonly action: string;
  readonly children: ComponentChildren;
}

function Row({ name, title, action, children }: RowProps): JSX.Element {
  return (
    <li class="Box-row token">
      <div class="token-facts">
        <div>
          <strong class="token-note" id={name}>
            {title}
          </strong>
        </div>
        {children}
      </div>
      <div class="key-forms">
        <Dialog
          id={`delete-${name}`}
          title="Delete this key?"
          opener="Delete"
          openerClass="btn btn-danger btn-sm"
          openerDescribedBy={name}
        >
          <p>
            Others don't find <strong>{title}</strong> here any more, and can't check by it what you signed.
            This can't be undone, but the key can be added again.
          </p>
          <Form action={action}>
            <button type="submit" class="btn btn-danger">
              I understand, delete this key
            </button>
          </Form>
        </Dialog>
      </div>
    </li>
  );
}

export function SigningKeyList({ keys }: { readonly keys: readonly SigningKey[] }): JSX.Element {
  if (keys.length === 0) return <Blankslate icon="pencil" title="You have no SSH keys that sign" />;
  return (
    <ul class="Box token-list" aria-label="Signing keys">
      {keys.map(({ id, title, key, fingerprint, createdAt }) => (
        <Row
          key={id}
          name={`signing-key-${id}`}
          title={title === '' ? fingerprint : title}
          action={`${SIGNING_KEYS}/${id}/delete`}
        >
          <code class="key-fingerprint">{fingerprint}</code>
          <div class="token-life">
            <Label>{key.split(' ')[0]}</Label>
            <span class="muted">
              Added <RelativeTime at={createdAt} />
            </span>
          </div>
        </Row>
      ))}
    </ul>
  );
}

export interface GpgKeyListProps {
  readonly keys: readonly GpgKey[];
  /** The person's addresses that are known to be theirs, in lower case. */
  readonly verified: ReadonlySet<string>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function GpgKeyList({ keys, verified, now }: GpgKeyListProps): JSX.Element {
  if (keys.length === 0) return <Blankslate icon="verified" title="You have no GPG keys" />;
  return (
    <ul class="Box token-list" aria-label="GPG keys">
      {keys.map((key) => (
        <Row
          key={key.id}
          name={`gpg-key-${key.id}`}
          title={key.name ?? key.keyId}
          action={`${GPG_KEYS}/${key.id}/delete`}
        >
          <dl class="key-facts">
            <dt>Key ID</dt>
            <dd>
              <code>{key.keyId}</code>
            </dd>
            {key.subkeys.length > 0 && (
              <>
                <dt>Subkeys</dt>
                <dd>
                  <code>{key.subkeys.map(({ keyId }) => keyId).join(', ')}</code>
                </dd>
              </>
            )}
            {key.emails.length > 0 && (
              <>
                <dt>Email addresses</dt>
                <dd>
                  {key.emails.map((email) => (
                    <div key={email}>
                      {email} {!verified.has(email.toLowerCase()) && <Label>Unverified</Label>}
                    </div>
                  ))}
                </dd>
              </>
            )}
          </dl>
          <div class="token-life">
            {key.revoked && (
              <Label look="danger" icon="x-circle">
                Revoked
              </Label>
            )}
            {key.expiresAt !== null && <Expiry at={key.expiresAt} now={now} />}
            <span class="muted">
              Made <RelativeTime at={key.createdAt} />
            </span>
          </div>
        </Row>
      ))}
    </ul>
  );
}

function Expiry({ at, now }: { readonly at: number; readonly now: number }): JSX.Element {
  if (at <= now) {
    return (
      <Label look="attention" icon="clock">
        Expired
      </Label>
    );
  }
  return (
    <span class="muted">
      Expires on <RelativeTime at={at} show="date" />
    </span>
  );
}

export interface NewGpgKeyProps {
  readonly name: string;
  readonly armored: string;
  readonly problems: readonly Problem[];
  /** Where the list of keys is. */
  readonly list: string;
}

export function NewGpgKey({ name, armored, problems, list }: NewGpgKeyProps): JSX.Element {
  return (
    <Form action={GPG_KEYS}>
      <FormProblems problems={problems} fields={['name', 'armored_public_key']} />
      <Field
        name="name"
        label="Title"
        value={name}
        problems={problems}
        maxLength={255}
        autocomplete="off"
        help="What you will know it by. Left empty: its key ID."
      />
      <TextArea
        name="armored_public_key"
        label="Key"
        value={armored}
        problems={problems}
        required
        rows={10}
        help={
          <>
            The public key, in text: it begins with <code>{FIRST_LINE}</code>. GnuPG prints it by{' '}
            <code>gpg --armor --export KEY-ID</code>.
          </>
        }
      />
      <button type="submit" class="btn btn-primary">
        Add GPG key
      </button>{' '}
      <a class="btn" href={list}>
        Cancel
      </a>
    </Form>
  );
}
