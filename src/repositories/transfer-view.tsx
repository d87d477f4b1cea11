// Giving a repository to somebody else: the row of its settings, and what the receiver is shown.
import type { JSX } from 'preact';
import { Field, Form } from '../web/form.tsx';
import { RelativeTime } from '../web/parts.tsx';
import { repositoryPath } from './addresses.ts';
import type { SettingsProps } from './settings-view.tsx';
import type { PendingTransfer } from './transfer-requests.ts';

export function TransferRow(props: SettingsProps): JSX.Element {
  return (
    <li class="Box-row">
      {props.transfer === null ? <Offer {...props} /> : <Pending transfer={props.transfer} />}
    </li>
  );
}

function Pending({ transfer }: { readonly transfer: PendingTransfer }): JSX.Element {
  const { repository, receiver, expiresAt } = transfer;
  return (
    <>
      <div>
        <strong>Transfer this repository</strong>
        <p class="muted">
          {receiver.login} was asked to take it, and can accept until <Moment at={expiresAt} />. Until then
          nothing changes.
        </p>
      </div>
      <Form action={`${repositoryPath(repository)}/settings/transfer/cancel`}>
        <button type="submit" class="btn btn-danger">
          Cancel the transfer
        </button>
      </Form>
    </>
  );
}

function Offer({ repository, owners, filled }: SettingsProps): JSX.Element {
  const others = owners.filter((login) => login !== repository.ownerLogin);
  const name = `${repository.ownerLogin}/${repository.name}`;
  const { newOwner, problems = [] } = filled.danger ?? {};
  return (
    <>
      <div>
        <strong>Transfer this repository</strong>
        <p class="muted">
          To yourself or to an organization in which you may create repositories, at once; to another person
          once they accept it. The present address leads to the new one; collaborators stay, teams lose it.
        </p>
      </div>
      <details class="delete-form" open={newOwner !== undefined}>
        <summary class="btn btn-danger">Transfer this repository</summary>
        <Form action={`${repositoryPath(repository)}/settings/transfer`} autocomplete="off">
          <Field
            name="new_owner"
            label="New owner"
            value={newOwner ?? ''}
            problems={problems}
            required
            maxLength={39}
            spellcheck={false}
            autocomplete="off"
            help={
              others.length === 0
                ? 'The user name of a person, or the name of an organization.'
                : `At once: ${others.join(', ')}. Anybody else has a day to accept.`
            }
          />
          <Field
            name="transfer_confirmation"
            label={`To confirm the transfer, type ${name}`}
            problems={problems}
            required
            spellcheck={false}
            autocomplete="off"
          />
          <button type="submit" class="btn btn-danger">
            I understand, transfer this repository
          </button>
        </Form>
      </details>
    </>
  );
}

export interface TransfersToAnswerProps {
  readonly transfers: readonly PendingTransfer[];
  /** The address under which they are answered. */
  readonly at: string;
}

/** What others want to give to who looks. */
export function TransfersToAnswer({ transfers, at }: TransfersToAnswerProps): JSX.Element {
  return (
    <ul class="Box entries" aria-label="Transfers of repositories">
      {transfers.map((transfer) => (
        <Answer key={transfer.id} transfer={transfer} at={`${at}/${transfer.id}`} />
      ))}
    </ul>
  );
}

function Answer({ transfer, at }: { readonly transfer: PendingTransfer; readonly at: string }): JSX.Element {
  const { repository, requester, newName, createdAt, expiresAt } = transfer;
  const name = `${repository.ownerLogin}/${repository.name}`;
  return (
    <li class="Box-row entry">
      <p class="entry-main">
        <strong>{requester.login}</strong> wants to transfer <strong>{name}</strong> to you
        {newName !== null && (
          <>
            , as <strong>{newName}</strong>
          </>
        )}
        . You own it then, with all that is in it, and decide who may do what.{' '}
        <span class="muted">
          Asked <RelativeTime at={createdAt} />, open until <Moment at={expiresAt} />
        </span>
      </p>
      <div class="entry-actions">
        <Form action={`${at}/accept`}>
          <button type="submit" class="btn btn-primary" aria-label={`Accept the transfer of ${name}`}>
            Accept
          </button>
        </Form>
        <Form action={`${at}/decline`}>
          <button type="submit" class="btn" aria-label={`Decline the transfer of ${name}`}>
            Decline
          </button>
        </Form>
      </div>
    </li>
  );
}

function Moment({ at }: { readonly at: number }): JSX.Element {
  const iso = new Date(at).toISOString();
  return <time dateTime={iso}>{`${iso.slice(0, 16).replace('T', ' ')} UTC`}</time>;
}
