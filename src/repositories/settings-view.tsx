// The forms of a repository's settings.
import type { JSX } from 'preact';
import type { RepositoryRole } from '../access/actions.ts';
import { type Visibility, visibilities } from '../access/targets.ts';
import type { Branch, Listed } from '../contents/refs.ts';
import type { Problem } from '../problems.ts';
import { Field, Form, FormProblems, Select } from '../web/form.tsx';
import { Dialog, Heading } from '../web/parts.tsx';
import { Collaborators, Teams, type TeamsOnRepository } from './access-view.tsx';
import { repositoryPath } from './addresses.ts';
import type { Collaborator } from './collaborators.ts';
import type { RepositoryInvitation } from './invitations.ts';
import type { Repository } from './repositories.ts';
import type { PendingTransfer } from './transfer-requests.ts';
import { TransferRow } from './transfer-view.tsx';

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
  readonly danger?: {
    readonly confirmation: string;
    readonly newOwner?: string;
    readonly problems: readonly Problem[];
  };
  readonly team?: { readonly problems: readonly Problem[] };
}

export interface SettingsProps {
  readonly repository: Repository;
  readonly branches: Listed<Branch>;
  readonly collaborators: readonly Collaborator[];
  readonly collaboratorCount: number;
  readonly invitations: readonly RepositoryInvitation[];
  /** Null: it has none, or who looks may not see them. */
  readonly teams: TeamsOnRepository | null;
  /** In whose names who looks may have repositories. */
  readonly owners: readonly string[];
  /** Null: nobody is asked to take it. */
  readonly transfer: PendingTransfer | null;
  readonly filled: Filled;
}

export function RepositorySettings(props: SettingsProps): JSX.Element {
  return (
    <div class="repo-settings">
      <Heading>Settings</Heading>
      <General {...props} />
      <Collaborators {...props} />
      <Teams {...props} />
      <DeployKeys {...props} />
      <Webhooks {...props} />
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

function Webhooks({ repository }: SettingsProps): JSX.Element {
  return (
    <section aria-labelledby="webhooks">
      <div class="heading">
        <h2 id="webhooks">Webhooks</h2>
      </div>
      <p>
        Addresses that are told what happens here.{' '}
        <a href={`${repositoryPath(repository)}/settings/hooks`}>Manage webhooks</a>
      </p>
    </section>
  );
}

function DangerZone(props: SettingsProps): JSX.Element {
  const { repository, filled } = props;
  const { confirmation, problems } = filled.danger ?? { confirmation: '', problems: [] };
  const action = `${repositoryPath(repository)}/settings`;
  const name = `${repository.ownerLogin}/${repository.name}`;
  const others = visibilities.filter(
    (each) =>
      each !== repository.visibility && (each !== 'internal' || repository.ownerKind === 'organization'),
  );
  return (
    <section aria-labelledby="danger">
      <div class="heading">
        <h2 id="danger">Danger zone</h2>
      </div>
      <FormProblems problems={problems} fields={['confirmation', 'new_owner', 'transfer_confirmation']} />
      <ul class="Box Box-list danger-zone">
        <li class="Box-row">
          <div>
            <strong>Change visibility</strong>
            <p class="muted">{`This repository is ${repository.visibility}.`}</p>
          </div>
          <div class="entry-actions">
            {others.map((other) => (
              <VisibilityDialog key={other} repository={repository} other={other} />
            ))}
          </div>
        </li>
        <TransferRow {...props} />
        <li class="Box-row">
          <div>
            <strong>Delete this repository</strong>
            <p class="muted">
              All branches, tags and commits go. Administrators can bring it back for a day.
            </p>
          </div>
          <details class="delete-form" open={problems.some(({ field }) => field === 'confirmation')}>
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

const readers: Readonly<Record<Visibility, (name: string) => string>> = {
  public: (name) =>
    `Everybody who can reach this server will be able to read ${name}, with all of its history.`,
  internal: (name) => `Everybody who has an account on this server will be able to read ${name}.`,
  private: (name) =>
    `Only those who were given a role in ${name} will be able to read it. Copies made before stay where they are.`,
};

function VisibilityDialog(props: {
  readonly repository: Repository;
  readonly other: Visibility;
}): JSX.Element {
  const { repository, other } = props;
  return (
    <Dialog
      id={`visibility-${other}`}
      title={`Make this repository ${other}?`}
      opener={`Make ${other}`}
      openerClass="btn btn-danger"
    >
      <p>{readers[other](`${repository.ownerLogin}/${repository.name}`)}</p>
      <Form action={`${repositoryPath(repository)}/settings/visibility`}>
        <input type="hidden" name="visibility" value={other} />
        <button type="submit" class="btn btn-danger">{`I understand, make it ${other}`}</button>
      </Form>
    </Dialog>
  );
}
