// The forms of a repository's settings.
import type { JSX } from 'preact';
import { type RepositoryRole, repositoryRoles } from '../access/actions.ts';
import type { Branch, Listed } from '../contents/refs.ts';
import type { Problem } from '../problems.ts';
import { Field, Form, FormProblems, Select } from '../web/form.tsx';
import { Dialog, Heading } from '../web/parts.tsx';
import { repositoryPath } from './addresses.ts';
import type { Collaborator } from './collaborators.ts';
import type { Repository } from './repositories.ts';

/** With more branches than this, the default one is typed instead of chosen. */
export const MAX_LISTED_BRANCHES = 200;

/** Forms that were sent and refused, with what was typed and what is wrong with it. */
export interface Filled {
  readonly general?: {
    readonly name: string;
    readonly description: string;
    readonly defaultBranch: string;
    readonly problems: readonly Problem[];
  };
  readonly collaborator?: {
    readonly login: string;
    readonly role: RepositoryRole;
    readonly problems: readonly Problem[];
  };
  readonly danger?: { readonly confirmation: string; readonly problems: readonly Problem[] };
}

export interface SettingsProps {
  readonly repository: Repository;
  readonly branches: Listed<Branch>;
  readonly collaborators: readonly Collaborator[];
  readonly collaboratorCount: number;
  readonly filled: Filled;
}

export function RepositorySettings(props: SettingsProps): JSX.Element {
  return (
    <div class="repo-settings">
      <Heading>Settings</Heading>
      <General {...props} />
      <Collaborators {...props} />
      <DeployKeys {...props} />
      <DangerZone {...props} />
    </div>
  );
}

function General({ repository, branches, filled }: SettingsProps): JSX.Element {
  const { name, description, defaultBranch, problems } = filled.general ?? {
    name: repository.name,
    description: repository.description ?? '',
    defaultBranch: repository.defaultBranch,
    problems: [],
  };
  return (
    <section aria-labelledby="general">
      <h2 id="general" class="sr-only">
        General
      </h2>
      <Form action={`${repositoryPath(repository)}/settings`} label="General">
        <FormProblems problems={problems} fields={['name', 'description', 'default_branch']} />
        <Field
          name="name"
          label="Repository name"
          value={name}
          problems={problems}
          required
          maxLength={100}
          spellcheck={false}
          autocomplete="off"
          help="The former address leads to the new one."
        />
        <Field
          name="description"
          label="Description"
          value={description}
          problems={problems}
          autocomplete="off"
        />
        <DefaultBranch branches={branches} value={defaultBranch} problems={problems} />
        <button type="submit" class="btn btn-primary">
          Save changes
        </button>
      </Form>
    </section>
  );
}

interface DefaultBranchProps {
  readonly branches: Listed<Branch>;
  readonly value: string;
  readonly problems: readonly Problem[];
}

function DefaultBranch({ branches, value, problems }: DefaultBranchProps): JSX.Element {
  const shared = { name: 'default_branch', label: 'Default branch', value, problems };
  if (branches.total === 0 || branches.total > branches.items.length) {
    return <Field {...shared} spellcheck={false} autocomplete="off" />;
  }
  const names = branches.items.map(({ name }) => name);
  const offered = names.includes(value) ? names : [value, ...names];
  return <Select {...shared} options={offered.map((name) => ({ value: name, label: name }))} />;
}

const roleLabels: Readonly<Record<RepositoryRole, string>> = {
  read: 'Read: clone and pull',
  write: 'Write: push, too',
  admin: 'Admin: settings, collaborators and deletion, too',
};

function Collaborators(props: SettingsProps): JSX.Element {
  const { repository, collaborators, collaboratorCount, filled } = props;
  const { login, role, problems } = filled.collaborator ?? { login: '', role: 'write', problems: [] };
  const action = `${repositoryPath(repository)}/settings/collaborators`;
  return (
    <section aria-labelledby="collaborators">
      <div class="heading">
        <h2 id="collaborators">Collaborators</h2>
      </div>
      <ul class="Box Box-list">
        {collaborators.map((person) => (
          <li key={person.accountId} class="Box-row person-row">
            <a href={`/${encodeURIComponent(person.login)}`}>{person.login}</a>
            {person.accountId === repository.ownerId ? (
              <span class="muted">Owner</span>
            ) : (
              <CollaboratorForms person={person} action={action} />
            )}
          </li>
        ))}
        {collaborators.length < collaboratorCount && (
          <li class="Box-row muted">{`${collaboratorCount - collaborators.length} more: see the API.`}</li>
        )}
      </ul>
      <Form action={action} label="Add a collaborator" class="inline-form">
        <Field
          name="login"
          label="User name"
          value={login}
          problems={problems}
          required
          spellcheck={false}
          autocomplete="off"
        />
        <Select
          name="role"
          label="Role"
          value={role}
          problems={problems}
          options={repositoryRoles.map((value) => ({ value, label: roleLabels[value] }))}
        />
        <button type="submit" class="btn">
          Add collaborator
        </button>
      </Form>
    </section>
  );
}

function CollaboratorForms({ person, action }: { person: Collaborator; action: string }): JSX.Element {
  return (
    <div class="person-forms">
      <Form action={action} class="person-form">
        <input type="hidden" name="login" value={person.login} />
        <select class="form-select select-sm" name="role" aria-label={`Role of ${person.login}`}>
          {repositoryRoles.map((role) => (
            <option key={role} value={role} selected={role === person.role}>
              {role}
            </option>
          ))}
        </select>
        <button type="submit" class="btn btn-sm" aria-label={`Change role of ${person.login}`}>
          Change
        </button>
      </Form>
      <Form action={`${action}/remove`}>
        <input type="hidden" name="login" value={person.login} />
        <button type="submit" class="btn btn-sm btn-danger" aria-label={`Remove ${person.login}`}>
          Remove
        </button>
      </Form>
    </div>
  );
}

function DeployKeys({ repository }: SettingsProps): JSX.Element {
  return (
    <section aria-labelledby="deploy-keys">
      <div class="heading">
        <h2 id="deploy-keys">Deploy keys</h2>
      </div>
      <p>
        SSH keys that open this repository alone.{' '}
        <a href={`${repositoryPath(repository)}/settings/keys`}>Manage deploy keys</a>
      </p>
    </section>
  );
}

function DangerZone({ repository, filled }: SettingsProps): JSX.Element {
  const { confirmation, problems } = filled.danger ?? { confirmation: '', problems: [] };
  const action = `${repositoryPath(repository)}/settings`;
  const name = `${repository.ownerLogin}/${repository.name}`;
  const other = repository.visibility === 'public' ? 'private' : 'public';
  return (
    <section aria-labelledby="danger">
      <div class="heading">
        <h2 id="danger">Danger zone</h2>
      </div>
      <FormProblems problems={problems} fields={['confirmation']} />
      <ul class="Box Box-list danger-zone">
        <li class="Box-row">
          <div>
            <strong>Change visibility</strong>
            <p class="muted">{`This repository is ${repository.visibility}.`}</p>
          </div>
          <Dialog
            id="visibility-dialog"
            title={`Make this repository ${other}?`}
            opener="Change visibility"
            openerClass="btn btn-danger"
          >
            <p>
              {other === 'public'
                ? `Everybody who can reach this server will be able to read ${name}, with all of its history.`
                : `Only you and collaborators will be able to read ${name}. Copies made before stay where they are.`}
            </p>
            <Form action={`${action}/visibility`}>
              <input type="hidden" name="visibility" value={other} />
              <button type="submit" class="btn btn-danger">{`I understand, make it ${other}`}</button>
            </Form>
          </Dialog>
        </li>
        <li class="Box-row">
          <div>
            <strong>Delete this repository</strong>
            <p class="muted">
              All branches, tags and commits go. Administrators can bring it back for a day.
            </p>
          </div>
          <details class="delete-form" open={problems.length > 0}>
            <summary class="btn btn-danger">Delete this repository</summary>
            <Form action={`${action}/delete`} autocomplete="off">
              <Field
                name="confirmation"
                label={`To confirm, type ${name}`}
                value={confirmation}
                problems={problems}
                required
                spellcheck={false}
                autocomplete="off"
              />
              <button type="submit" class="btn btn-danger">
                I understand, delete this repository
              </button>
            </Form>
          </details>
        </li>
      </ul>
    </section>
  );
}
