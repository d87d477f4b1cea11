// Parts of the pages on which people register the applications that they make.
import type { JSX } from 'preact';
import type { Problem } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { Checkbox, Field, Form, FormProblems, TextArea } from '../web/form.tsx';
import { Blankslate, CopyButton, Dialog, Heading, Label, Notice, RelativeTime } from '../web/parts.tsx';
import type { Application, ApplicationFields, ClientSecret } from './applications.ts';

export interface Place {
  /** The list, to which the form of a new one is sent. */
  readonly list: string;
  /** The page of the form for a new one. */
  readonly form: string;
  readonly of: (application: Application) => string;
}

export function ApplicationList(props: {
  readonly applications: readonly Application[];
  readonly place: Place;
}): JSX.Element {
  const { applications, place } = props;
  return (
    <>
      <Heading
        actions={
          <a class="btn btn-primary" href={place.form}>
            New OAuth App
          </a>
        }
      >
        OAuth Apps
      </Heading>
      <p class="intro">Programs and services of yours that let people sign in here and act for them.</p>
      {applications.length === 0 ? (
        <Blankslate icon="apps" title="No OAuth applications">
          <p>Register one to let people sign in with their accounts of this server.</p>
        </Blankslate>
      ) : (
        <ul class="Box entries" aria-label="OAuth Apps">
          {applications.map((application) => (
            <li key={application.id} class="Box-row entry">
              <div class="entry-main">
                <p>
                  <a href={place.of(application)}>{application.name}</a>{' '}
                  {!application.enabled && <Label look="danger">Switched off by a site admin</Label>}
                </p>
                <p class="muted break-all">{application.url}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const fieldNames = ['name', 'url', 'description', 'callback_url'];

export function NewApplication(props: {
  readonly place: Place;
  readonly fields: ApplicationFields;
  readonly problems: readonly Problem[];
}): JSX.Element {
  return (
    <>
      <Heading>Register a new OAuth app</Heading>
      <FormProblems problems={props.problems} fields={fieldNames} />
      <Form action={props.place.list} autocomplete="off">
        <Fields {...props} />
        <div class="form-buttons">
          <button type="submit" class="btn btn-primary">
            Register application
          </button>
          <a href={props.place.list}>Cancel</a>
        </div>
      </Form>
    </>
  );
}

function Fields(props: {
  readonly fields: ApplicationFields;
  readonly problems: readonly Problem[];
}): JSX.Element {
  const { fields, problems } = props;
  return (
    <>
      <Field
        name="name"
        label="Application name"
        value={fields.name}
        help="People see it when they are asked to authorize it."
        problems={problems}
        required
      />
      <Field
        name="url"
        label="Homepage URL"
        type="url"
        value={fields.url}
        help="Where people learn more of it."
        problems={problems}
        required
      />
      <TextArea
        name="description"
        label="Application description"
        value={fields.description}
        rows={2}
        help="Optional."
        problems={problems}
      />
      <Field
        name="callback_url"
        label="Authorization callback URL"
        type="url"
        value={fields.callbackUrl}
        help="Where people are led back to, with a code. Other paths below it, and hosts below its own, are allowed too; of a loopback address, every port."
        problems={problems}
        required
      />
      <Checkbox
        name="device_flow"
        label="Enable Device Flow"
        help="People without a browser at hand type a code on another machine."
        checked={fields.deviceFlow}
      />
      <Checkbox
        name="is_public"
        label="Public client"
        help="It runs on people's own machines, where no secret stays one. It has to prove itself by PKCE, a loopback address or the device flow, and people are asked each time."
        checked={fields.isPublic}
      />
    </>
  );
}

export interface ApplicationPageProps {
  readonly application: Application;
  readonly place: Place;
  readonly fields: ApplicationFields;
  readonly problems: readonly Problem[];
  readonly secrets: readonly ClientSecret[];
  /** How many people let it act for them. */
  readonly users: number;
  /** Just made. */
  readonly fresh?: Secret;
}

export function ApplicationPage(props: ApplicationPageProps): JSX.Element {
  const { application, place, problems, users } = props;
  const path = place.of(application);
  return (
    <>
      <Heading>{application.name}</Heading>
      {!application.enabled && (
        <Notice kind="warn">
          A site admin has switched this application off: nobody can authorize it, and its tokens are refused.
        </Notice>
      )}
      <FormProblems problems={problems} fields={fieldNames} />
      <p>
        <a href={place.list}>OAuth Apps</a> · {users === 1 ? 'One person lets' : `${users} people let`} it act
        for them.
      </p>
      <h2 class="settings-heading">Client ID</h2>
      <div class="fresh-token">
        <code id="client-id">{application.clientId}</code>
        <CopyButton from="client-id" label="Copy client ID" />
      </div>
      <Secrets {...props} path={path} />
      <h2 class="settings-heading">Application</h2>
      <Form action={path} autocomplete="off" label="Application">
        <Fields {...props} />
        <button type="submit" class="btn btn-primary">
          Update application
        </button>
      </Form>
      <h2 class="settings-heading">Danger zone</h2>
      <ul class="Box Box-list danger-zone">
        <li class="Box-row">
          <div>
            <strong>Revoke all user tokens</strong>
            <p class="muted">People have to authorize it anew.</p>
          </div>
          <Dialog
            id="revoke-all"
            title="Revoke all user tokens?"
            opener="Revoke all user tokens"
            openerClass="btn btn-danger"
          >
            <p>
              Every token of {application.name} stops working at once, and the keys that it made are deleted.
              People have to authorize it anew.
            </p>
            <Form action={`${path}/revoke-all`}>
              <button type="submit" class="btn btn-danger">
                I understand, revoke all user tokens
              </button>
            </Form>
          </Dialog>
        </li>
        <li class="Box-row">
          <div>
            <strong>Delete application</strong>
            <p class="muted">With all its tokens and the keys that it made.</p>
          </div>
          <Dialog
            id="delete"
            title="Delete this application?"
            opener="Delete application"
            openerClass="btn btn-danger"
          >
            <p>
              {application.name} is deleted with all its tokens and the keys that it made. This can't be
              undone.
            </p>
            <Form action={`${path}/delete`}>
              <button type="submit" class="btn btn-danger">
                I understand, delete this application
              </button>
            </Form>
          </Dialog>
        </li>
      </ul>
    </>
  );
}

function Secrets(props: ApplicationPageProps & { readonly path: string }): JSX.Element {
  const { application, secrets, fresh, path } = props;
  return (
    <>
      <h2 class="settings-heading">Client secrets</h2>
      {fresh !== undefined && (
        <Notice kind="success">
          <p>Copy the new client secret now. It will not be shown again.</p>
          <div class="fresh-token">
            <code id="fresh-token">{fresh.expose()}</code>
            <CopyButton from="fresh-token" label="Copy client secret" />
          </div>
        </Notice>
      )}
      {secrets.length === 0 ? (
        <p class="muted">
          {application.isPublic
            ? 'A public client needs none.'
            : 'It has none yet, and can get no tokens without one.'}
        </p>
      ) : (
        <ul class="Box entries" aria-label="Client secrets">
          {secrets.map((secret) => (
            <li key={secret.id} class="Box-row entry">
              <div class="entry-main">
                <p>
                  <code id={`secret-${secret.id}`}>…{secret.lastEight}</code>
                </p>
                <p class="muted">
                  Added <RelativeTime at={secret.createdAt} />
                  {secret.addedBy !== null && ` by ${secret.addedBy}`}
                  {' · '}
                  {secret.lastUsedAt === null ? (
                    'never used'
                  ) : (
                    <>
                      last used <RelativeTime at={secret.lastUsedAt} />
                    </>
                  )}
                </p>
              </div>
              <Dialog
                id={`delete-secret-${secret.id}`}
                title="Delete this client secret?"
                opener="Delete"
                openerClass="btn btn-danger btn-sm"
                openerDescribedBy={`secret-${secret.id}`}
              >
                <p>The application gets no more tokens by it. Those that it has stay.</p>
                <Form action={`${path}/secrets/${secret.id}/delete`}>
                  <button type="submit" class="btn btn-danger">
                    I understand, delete this secret
                  </button>
                </Form>
              </Dialog>
            </li>
          ))}
        </ul>
      )}
      <Form action={`${path}/secrets`}>
        {/* Tells this click from the reloading of its answer, which would make one more. */}
        <input type="hidden" name="newest" value={String(secrets[0]?.id ?? 0)} />
        <button type="submit" class="btn">
          Generate a new client secret
        </button>
      </Form>
    </>
  );
}
