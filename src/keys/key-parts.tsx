// What the pages of people's keys and of deploy keys are made of.
import type { JSX } from 'preact';
import type { Problem } from '../problems.ts';
import { Field, Form, TextArea } from '../web/form.tsx';
import { Blankslate, Dialog, Label, RelativeTime } from '../web/parts.tsx';
import type { Key } from './keys.ts';
import { isForBuiltInServer } from './public-key.ts';

/** A key of this server, by which clients know it again. */
export interface Fingerprint {
  readonly kind: string;
  readonly fingerprint: string;
}

export interface KeyListProps {
  readonly keys: readonly Key[];
  /** The address of the list; that of a key is below it. */
  readonly action: string;
  /** What it is called: `SSH keys`. */
  readonly label: string;
  readonly empty: string;
}

export function KeyList({ keys, action, label, empty }: KeyListProps): JSX.Element {
  if (keys.length === 0) return <Blankslate icon="key" title={empty} />;
  return (
    <ul class="Box token-list" aria-label={label}>
      {keys.map((key) => (
        <KeyRow key={key.id} of={key} action={`${action}/${key.id}`} />
      ))}
    </ul>
  );
}

function KeyRow({ of: key, action }: { readonly of: Key; readonly action: string }): JSX.Element {
  const name = `key-${key.id}`;
  const isDeployKey = key.holder.kind === 'repository';
  return (
    <li class="Box-row token">
      <div class="token-facts">
        <div>
          <strong class="token-note" id={name}>
            {key.title}
          </strong>
        </div>
        <code class="key-fingerprint">{key.fingerprint}</code>
        <div class="token-life">
          <Label>{key.type}</Label>
          {isDeployKey && (
            <Label look={key.readOnly ? 'default' : 'attention'} icon={key.readOnly ? 'lock' : 'pencil'}>
              {key.readOnly ? 'Read-only' : 'Read/write'}
            </Label>
          )}
          {!key.verified && (
            <Label look="danger" icon="alert">
              Not approved yet
            </Label>
          )}
          {!isForBuiltInServer(key.type) && (
            <Label look="attention" icon="info">
              Through OpenSSH only
            </Label>
          )}
          <KeyUse at={key.lastUsedAt} />
          <span class="muted">
            Added <RelativeTime at={key.createdAt} />
            {isDeployKey && key.addedBy !== null && ` by ${key.addedBy}`}
            {key.madeBy === 'token' && ' with a token'}
          </span>
        </div>
      </div>
      <div class="key-forms">
        {!key.verified && (
          <Form action={`${action}/approve`}>
            <button type="submit" class="btn btn-sm" aria-describedby={name}>
              Approve
            </button>
          </Form>
        )}
        <Dialog
          id={`delete-key-${key.id}`}
          title="Delete this key?"
          opener="Delete"
          openerClass="btn btn-danger btn-sm"
          openerDescribedBy={name}
        >
          <p>
            <strong>{key.title}</strong> opens nothing any more, at once; what runs by it is ended. This can't
            be undone.
          </p>
          <Form action={`${action}/delete`}>
            <button type="submit" class="btn btn-danger">
              I understand, delete this key
            </button>
          </Form>
        </Dialog>
      </div>
    </li>
  );
}

function KeyUse({ at }: { readonly at: number | null }): JSX.Element {
  if (at === null) return <Label icon="circle-slash">Never used</Label>;
  return (
    <span class="muted">
      Last used <RelativeTime at={at} />
    </span>
  );
}

export interface KeyFieldsProps {
  readonly title: string;
  readonly value: string;
  readonly problems: readonly Problem[];
}

/** The fields of a new key, of either kind. */
export function KeyFields({ title, value, problems }: KeyFieldsProps): JSX.Element {
  return (
    <>
      <Field
        name="title"
        label="Title"
        value={title}
        problems={problems}
        maxLength={255}
        autocomplete="off"
        help="What you will know it by: a machine's name, say. Left empty: the key's own comment."
      />
      <TextArea
        name="key"
        label="Key"
        value={value}
        problems={problems}
        required
        rows={6}
        help={
          <>
            The public half, one line: the file that ends in <code>.pub</code>. Ed25519, ECDSA, or RSA of 2048
            bits or more. Keys of security keys (<code>sk-…</code>) work only where this server is reached
            through OpenSSH: the built-in SSH server can't check their signatures.
          </>
        }
      />
    </>
  );
}

/** What ssh asks about when it comes to this server for the first time. */
export function HostFingerprints({ keys }: { readonly keys: readonly Fingerprint[] }): JSX.Element | null {
  if (keys.length === 0) return null;
  return (
    <section aria-labelledby="fingerprints" class="host-keys">
      <h2 id="fingerprints" class="h3">
        This server's fingerprints
      </h2>
      <p class="muted">The first time, ssh shows one of these and asks whether it is the right one.</p>
      <ul class="key-fingerprints">
        {keys.map(({ kind, fingerprint }) => (
          <li key={kind}>
            {kind} <code class="key-fingerprint">{fingerprint}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
