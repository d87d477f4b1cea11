// What `/settings/security` shows: the password's form, the second factors, and the recovery codes, once.
import type { ComponentChildren, JSX } from 'preact';
import { encode } from 'uqr';
import type { Problem } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { Field, Form, FormProblems } from '../web/form.tsx';
import { Icon } from '../web/icon.tsx';
import { CopyButton, Dialog, Heading, Label, Notice, RelativeTime } from '../web/parts.tsx';
import { NoPasskeys, PasskeyForm } from './passkey-form.tsx';
import type { PasskeyKind, RelyingParty } from './passkeys.ts';
import { MIN_PASSWORD_LENGTH } from './passwords.ts';
import { RECOVERY_CODES } from './recovery-codes.ts';
import type { Passkey, SecondFactors } from './second-factors.ts';
import type { NewApp } from './totp.ts';

const SECURITY = '/settings/security';

interface SecurityProps {
  readonly factors: SecondFactors;
  readonly party: RelyingParty | null;
  readonly problems?: readonly Problem[];
  /** Made just now, to be shown this once. */
  readonly recoveryCodes?: readonly Secret[];
}

export function Security({ factors, party, problems, recoveryCodes }: SecurityProps): JSX.Element {
  const { app, passkeys } = factors;
  const isOn = app !== null || passkeys.length > 0;
  return (
    <>
      <Heading>Password and authentication</Heading>
      <FormProblems problems={problems} fields={['current_password', 'password']} />
      {recoveryCodes !== undefined && <NewRecoveryCodes codes={recoveryCodes} />}
      <div class="heading">
        <h2>Two-factor authentication</h2>
        {isOn ? <Label look="success">On</Label> : <Label>Off</Label>}
      </div>
      <p>
        {isOn
          ? 'Your password alone does not sign you in: one of these is asked for, too. A passkey needs no password beside it.'
          : 'Add one of these, and your password alone does not sign anybody in any more. All your other sessions end then.'}
      </p>
      <ul class="Box entries">
        <App app={app} />
        {passkeys.map((passkey) => (
          <Key key={passkey.id} passkey={passkey} />
        ))}
        {isOn && <RecoveryCodesLeft left={factors.recoveryCodes} />}
      </ul>
      {party === null ? (
        <p class="muted">
          Passkeys and security keys are bound to a name under https: they can be added once this server has
          one.
        </p>
      ) : (
        <div class="entry-actions">
          <a class="btn" href={`${SECURITY}/passkeys/new?kind=passkey`}>
            Add a passkey
          </a>
          <a class="btn" href={`${SECURITY}/passkeys/new?kind=security-key`}>
            Add a security key
          </a>
        </div>
      )}
      <PasswordForm problems={problems} />
    </>
  );
}

function Entry(props: {
  readonly icon: string;
  readonly id: string;
  readonly title: ComponentChildren;
  readonly facts: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <li class="Box-row entry">
      <div class="entry-main">
        <p id={props.id}>
          <Icon name={props.icon} /> <strong>{props.title}</strong>
        </p>
        <p class="muted">{props.facts}</p>
      </div>
      <div class="entry-actions">{props.children}</div>
    </li>
  );
}

/** When it was added and used. */
function Facts(props: { readonly at: number; readonly usedAt: number | null }): JSX.Element {
  return (
    <>
      Added <RelativeTime at={props.at} show="date" />
      {', '}
      {props.usedAt === null ? (
        'never used'
      ) : (
        <>
          last used <RelativeTime at={props.usedAt} />
        </>
      )}
    </>
  );
}

function App({ app }: { readonly app: SecondFactors['app'] }): JSX.Element {
  const facts =
    app === null ? (
      'Six digits from an app on your phone, new every half minute.'
    ) : (
      <Facts at={app.createdAt} usedAt={app.lastUsedAt} />
    );
  return (
    <Entry icon="device-mobile" id="app" title="Authenticator app" facts={facts}>
      <a class="btn" href={`${SECURITY}/app`}>
        {app === null ? 'Set up authenticator app' : 'Change authenticator app'}
      </a>
      {app !== null && (
        <Remove
          id="remove-app"
          describedBy="app"
          action={`${SECURITY}/app/remove`}
          title="Remove the authenticator app?"
        />
      )}
    </Entry>
  );
}

function Key({ passkey }: { readonly passkey: Passkey }): JSX.Element {
  const { id, kind, name } = passkey;
  const isPasskey = kind === 'passkey';
  return (
    <Entry
      icon={isPasskey ? 'passkey-fill' : 'key'}
      id={`key-${id}`}
      title={name}
      facts={
        <>
          {isPasskey ? 'Passkey' : 'Security key'}
          {'. '}
          <Facts at={passkey.createdAt} usedAt={passkey.lastUsedAt} />
        </>
      }
    >
      <a class="btn" href={`${SECURITY}/passkeys/${id}`} aria-describedby={`key-${id}`}>
        Rename
      </a>
      <Remove
        id={`remove-key-${id}`}
        describedBy={`key-${id}`}
        action={`${SECURITY}/passkeys/${id}/remove`}
        title={`Remove “${name}”?`}
      />
    </Entry>
  );
}

function Remove(props: {
  readonly id: string;
  readonly describedBy: string;
  readonly action: string;
  readonly title: string;
}): JSX.Element {
  return (
    <Dialog
      id={props.id}
      title={props.title}
      opener="Remove"
      openerDescribedBy={props.describedBy}
      openerClass="btn btn-danger"
    >
      <p>It will not sign you in any more, and all your other sessions end.</p>
      <p>When it is your last one, your password alone signs you in again.</p>
      <Form action={props.action}>
        <button type="submit" class="btn btn-danger">
          I understand, remove it
        </button>
      </Form>
    </Dialog>
  );
}

function RecoveryCodesLeft({ left }: { readonly left: number }): JSX.Element {
  const facts = `${left} of ${RECOVERY_CODES} left. Each signs you in once when all else is lost.`;
  return (
    <Entry icon="log" id="recovery" title="Recovery codes" facts={facts}>
      <Form action={`${SECURITY}/recovery-codes`}>
        <button type="submit" class="btn">
          Make new recovery codes
        </button>
      </Form>
    </Entry>
  );
}

function NewRecoveryCodes({ codes }: { readonly codes: readonly Secret[] }): JSX.Element {
  const text = codes.map((code) => code.expose()).join('\n');
  return (
    <Notice kind="success">
      <p>
        <strong>Keep these recovery codes now</strong>, apart from your phone and your password: they are
        shown only once. Each signs you in once when you have lost everything else. Earlier ones don't work
        any more.
      </p>
      <pre id="recovery-codes" class="recovery-codes">
        {text}
      </pre>
      <div class="entry-actions">
        <CopyButton from="recovery-codes" label="Copy recovery codes" />
        <a
          class="btn"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`}
          download="latchkey-recovery-codes.txt"
        >
          Download
        </a>
      </div>
    </Notice>
  );
}

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

function PasswordForm({ problems }: { readonly problems: readonly Problem[] | undefined }): JSX.Element {
  return (
    <>
      <div class="heading">
        <h2>Change password</h2>
      </div>
      <p>Ends all your other sessions. Your personal access tokens go on working.</p>
      <Form action={SECURITY}>
        <Field
          name="current_password"
          label="Current password"
          type="password"
          autocomplete="current-password"
          problems={problems}
          required
        />
        <Field
          name="password"
          label="New password"
          type="password"
          autocomplete="new-password"
          problems={problems}
          help={`At least ${MIN_PASSWORD_LENGTH} characters; a few words of your own are easy to keep in mind.`}
          required
        />
        <button type="submit" class="btn btn-primary">
          Update password
        </button>
      </Form>
    </>
  );
}
