// The forms by which a second factor is added or renamed: the authenticator app with its QR code, passkeys and security
// keys.
import type { JSX } from 'preact';
import { encode } from 'uqr';
import type { Problem } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { Field, Form, FormProblems } from '../web/form.tsx';
import { Heading } from '../web/parts.tsx';
import { NoPasskeys, PasskeyForm } from './passkey-form.tsx';
import type { PasskeyKind, RelyingParty } from './passkeys.ts';
import type { NewApp } from './totp.ts';

const SECURITY = '/settings/security';

export function SetUpApp(props: {
  readonly made: NewApp;
  readonly problems?: readonly Problem[];
}): JSX.Element {
  const { made, problems } = props;
  return (
    <>
      <Heading>Authenticator app</Heading>
      <p>
        Scan this with an authenticator app, then type the six digits that it shows. An app that was set up
        before stops to work here.
      </p>
      <QrCode text={made.uri} />
      <p>
        Can't scan it? Type this key into the app:{' '}
        <code id="app-key" class="app-key">
          {made.secret.expose().replaceAll(/(.{4})(?=.)/g, '$1 ')}
        </code>
      </p>
      <Form action={`${SECURITY}/app`} autocomplete="off">
        <input type="hidden" name="sealed_secret" value={made.sealed} autocomplete="off" />
        <Field
          name="app_code"
          label="Authentication code"
          autocomplete="one-time-code"
          inputMode="numeric"
          autofocus
          problems={problems}
          required
        />
        <div class="form-buttons">
          <button type="submit" class="btn btn-primary">
            Turn on
          </button>
          <a class="btn" href={SECURITY}>
            Cancel
          </a>
        </div>
      </Form>
    </>
  );
}

/** Drawn here: what it holds is a secret, which no other server may be asked to draw. */
function QrCode({ text }: { readonly text: Secret }): JSX.Element {
  const { data, size } = encode(text.expose(), { border: 4, ecc: 'M' });
  const modules = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      width="240"
      height="240"
      role="img"
      aria-label="QR code for the authenticator app"
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={modules.join('')} fill="#000" />
    </svg>
  );
}

const wordsOf = {
  passkey: {
    heading: 'Add a passkey',
    text: 'A passkey is kept by your device, your password manager or a security key, and checks you by fingerprint, face or PIN. It signs you in without a password.',
    example: 'Laptop',
    button: 'Add passkey',
  },
  'security-key': {
    heading: 'Add a security key',
    text: 'A security key is a small device that you plug in or hold near. It is asked for after your password.',
    example: 'Key ring',
    button: 'Add security key',
  },
} as const;

export function NewPasskeyForm(props: {
  readonly kind: PasskeyKind;
  readonly party: RelyingParty;
  readonly name: string;
  readonly problems?: readonly Problem[];
}): JSX.Element {
  const { kind, party, name, problems } = props;
  const words = wordsOf[kind];
  return (
    <>
      <Heading>{words.heading}</Heading>
      <p>{words.text}</p>
      <FormProblems problems={problems} fields={['name']} />
      <NoPasskeys>
        It takes a script, a browser of the last years, and this address:{' '}
        <a href={party.origin}>{party.origin}</a>
      </NoPasskeys>
      <PasskeyForm
        action={`${SECURITY}/passkeys`}
        challenge={`${SECURITY}/passkeys/challenge`}
        what="create"
        party={party.id}
        label={words.button}
        look="btn btn-primary"
      >
        <input type="hidden" name="kind" value={kind} />
        <Field
          name="name"
          label="Name"
          value={name}
          placeholder={words.example}
          autocomplete="off"
          autofocus
          maxLength={100}
          help="By which you will know it again."
          problems={problems}
          required
        />
      </PasskeyForm>
      <p>
        <a href={SECURITY}>Cancel</a>
      </p>
    </>
  );
}

export function PasskeyNameForm(props: {
  readonly id: number;
  readonly name: string;
  readonly problems?: readonly Problem[];
}): JSX.Element {
  const { id, name, problems } = props;
  return (
    <>
      <Heading>Rename</Heading>
      <Form action={`${SECURITY}/passkeys/${id}`}>
        <Field
          name="name"
          label="Name"
          value={name}
          autocomplete="off"
          autofocus
          maxLength={100}
          problems={problems}
          required
        />
        <div class="form-buttons">
          <button type="submit" class="btn btn-primary">
            Save
          </button>
          <a class="btn" href={SECURITY}>
            Cancel
          </a>
        </div>
      </Form>
    </>
  );
}
