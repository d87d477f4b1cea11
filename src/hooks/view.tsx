// Parts of the pages of webhooks.
import type { JSX } from 'preact';
import type { Problem } from '../problems.ts';
import { Checkbox, Field, Form, FormProblems, Select } from '../web/form.tsx';
import { Heading, Label, RelativeTime } from '../web/parts.tsx';
import type { Delivery, LastResponse } from './deliveries.ts';
import { eventNames, type Hook, type HookChange } from './hooks.ts';

const eventWords: Readonly<Record<(typeof eventNames)[number], string>> = {
  push: 'Pushes: a branch or tag was moved, made or removed',
  create: 'A branch or tag was made',
  delete: 'A branch or tag was removed',
  status: 'A commit got a status',
  repository: 'The repository was renamed, transferred, edited, or shown to others than before',
  public: 'The repository was made public',
  member: 'A collaborator was added or removed, or got another role',
  deploy_key: 'A deploy key was added or deleted',
};

interface HookListProps {
  /** The address of the list. */
  readonly base: string;
  readonly hooks: readonly Hook[];
  readonly last: ReadonlyMap<number, LastResponse>;
}

export function HookList({ base, hooks, last }: HookListProps): JSX.Element {
  return (
    <>
      <Heading
        actions={
          <a class="btn btn-primary" href={`${base}/new`}>
            Add webhook
          </a>
        }
      >
        Webhooks
      </Heading>
      <p class="intro">Addresses that are told by an HTTP request what happens in this repository.</p>
      {hooks.length === 0 ? (
        <p class="muted">There are no webhooks for this repository.</p>
      ) : (
        <ul class="Box entries">
          {hooks.map((hook) => (
            <li key={hook.id} class="Box-row entry">
              <div class="entry-main">
                <p class="break-all">
                  <a href={`${base}/${hook.id}`}>{hook.url}</a> {!hook.active && <Label>Off</Label>}
                </p>
                <p class="muted">
                  {hook.events.join(', ')} · {lastWords(last.get(hook.id))}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function lastWords(last: LastResponse | undefined): string {
  if (last === undefined) return 'never told anything yet';
  return `last answer: ${last.code === 0 ? '' : `${last.code} `}${last.status}`;
}

interface HookFormProps {
  readonly action: string;
  readonly form: HookChange;
  readonly problems: readonly Problem[];
  readonly isNew?: boolean;
  readonly hasSecret?: boolean;
}

export function HookForm({
  action,
  form,
  problems,
  isNew = false,
  hasSecret = false,
}: HookFormProps): JSX.Element {
  return (
    <>
      <Heading>{isNew ? 'Add webhook' : 'Webhook'}</Heading>
      <FormProblems problems={problems} fields={['url', 'secret']} />
      <Form action={action}>
        <Field
          name="url"
          label="Payload URL"
          type="url"
          value={form.url}
          autocomplete="off"
          problems={problems}
          help="Certificates are checked, and redirects are not followed."
          required
        />
        <Select
          name="content_type"
          label="Content type"
          value={form.contentType}
          options={[
            { value: 'json', label: 'application/json' },
            { value: 'form', label: 'application/x-www-form-urlencoded' },
          ]}
        />
        <Field
          name="secret"
          label="Secret"
          type="password"
          value=""
          autocomplete="off"
          problems={problems}
          help={
            hasSecret
              ? 'There is one. It stays when this is left empty.'
              : 'Every delivery is signed with it, in X-Hub-Signature-256. May be left empty.'
          }
        />
        {hasSecret && <Checkbox name="no_secret" label="Remove the secret" />}
        <fieldset class="fieldset">
          <legend>Events</legend>
          {eventNames.map((event) => (
            <Checkbox
              key={event}
              name={`event-${event}`}
              label={event}
              help={eventWords[event]}
              checked={form.events.includes(event) || form.events.includes('*')}
            />
          ))}
        </fieldset>
        <Checkbox name="active" label="Active" help="Deliveries are made." checked={form.active} />
        <button type="submit" class="btn btn-primary">
          {isNew ? 'Add webhook' : 'Save webhook'}
        </button>
      </Form>
    </>
  );
}

interface HookPageProps {
  /** The address of the hook's page. */
  readonly base: string;
  readonly form: HookChange;
  readonly hasSecret: boolean;
  readonly deliveries: readonly Delivery[];
  readonly problems: readonly Problem[];
}

export function HookPage({ base, form, hasSecret, deliveries, problems }: HookPageProps): JSX.Element {
  return (
    <>
      <HookForm action={base} form={form} problems={problems} hasSecret={hasSecret} />
      <h2 class="settings-heading">Recent deliveries</h2>
      {deliveries.length === 0 ? (
        <p class="muted">Nothing was delivered yet.</p>
      ) : (
        <ul class="Box entries">
          {deliveries.map((delivery) => (
            <li key={delivery.id} class="Box-row entry">
              <div class="entry-main">
                <p id={`delivery-${delivery.id}`} class="break-all">
                  <strong>{delivery.event}</strong> {delivery.guid}
                  {delivery.redelivery && <Label>Redelivery</Label>}
                </p>
                <p class="muted">
                  {delivery.statusCode === 0 ? '' : `${delivery.statusCode} `}
                  {delivery.status} · <RelativeTime at={delivery.deliveredAt ?? delivery.createdAt} />
                  {delivery.tries > 1 && ` · ${delivery.tries} tries`}
                </p>
              </div>
              <Form action={`${base}/deliveries/${delivery.id}/redeliver`}>
                <button type="submit" class="btn" aria-describedby={`delivery-${delivery.id}`}>
                  Redeliver
                </button>
              </Form>
            </li>
          ))}
        </ul>
      )}
      <h2 class="settings-heading">Delete</h2>
      <Form action={`${base}/delete`}>
        <button type="submit" class="btn btn-danger">
          Delete webhook
        </button>
      </Form>
    </>
  );
}
