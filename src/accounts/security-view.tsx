// What `/settings/security` shows: the password's form, the second factors, and the recovery codes, once.
import type { ComponentChildren, JSX } from 'preact';
import type { Problem } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { Field, Form, FormProblems } from '../web/form.tsx';
import { Icon } from '../web/icon.tsx';
import { CopyButton, Dialog, Heading, Label, Notice, RelativeTime } from '../web/parts.tsx';
import type { RelyingParty } from './passkeys.ts';
import { MIN_PASSWORD_LENGTH } from './passwords.ts';
import { RECOVERY_CODES } from './recovery-codes.ts';
import type { Passkey, SecondFactors } from './second-factors.ts';

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
        <div class="entry-actions passkey-form">
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
