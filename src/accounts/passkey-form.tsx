// A form that is filled by a passkey or security key. Hidden until the script has found that the browser can do it
// (web/client/passkeys.js).
import type { ComponentChildren, JSX } from 'preact';
import { Icon } from '../web/icon.tsx';
import { usePage } from '../web/page-context.ts';

export interface PasskeyFormProps {
  readonly action: string;
  /** Where the script gets the challenge. */
  readonly challenge: string;
  /** `create`: make a new one; `get`: show one. */
  readonly what: 'create' | 'get';
  /** The name that passkeys are bound to. */
  readonly party: string;
  /** Of its button. */
  readonly label: string;
  readonly look?: 'btn' | 'btn btn-primary';
  readonly children?: ComponentChildren;
}

export function PasskeyForm(props: PasskeyFormProps): JSX.Element {
  const { action, challenge, what, party, label, look = 'btn', children } = props;
  const { token } = usePage();
  return (
    <form
      method="post"
      action={action}
      class="passkey-form"
      data-passkey={what}
      data-challenge={challenge}
      data-party={party}
      noValidate
      hidden
    >
      <input type="hidden" name="authenticity_token" value={token()} autocomplete="off" />
      <input type="hidden" name="response" autocomplete="off" />
      {children}
      <button type="submit" class={look}>
        <Icon name="passkey-fill" /> {label}
      </button>
      <p class="passkey-trouble" role="alert" data-trouble hidden />
    </form>
  );
}

/** What stands there instead where the browser can't: no script, an old browser, or another address. */
export function NoPasskeys({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <p class="muted" data-no-passkey>
      {children}
    </p>
  );
}
