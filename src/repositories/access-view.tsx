// Who may work on a repository, in its settings: people, invitations, and teams of the organisation that owns it.
import type { JSX } from 'preact';
import { type RepositoryRole, repositoryRoles } from '../access/actions.ts';
import type { Team } from '../organizations/teams.ts';
import type { Problem } from '../problems.ts';
import { Field, Form, FormProblems, Select } from '../web/form.tsx';
import { Label, RelativeTime } from '../web/parts.tsx';
import { repositoryPath } from './addresses.ts';
import type { Collaborator } from './collaborators.ts';
import type { RepositoryInvitation } from './invitations.ts';
import type { Repository } from './repositories.ts';

export interface TeamsOnRepository {
  readonly given: readonly { readonly team: Team; readonly role: RepositoryRole }[];
  /** All of the organisation. */
  readonly every: readonly Team[];
}

interface AccessProps {
  readonly repository: Repository;
  readonly collaborators: readonly Collaborator[];
  readonly collaboratorCount: number;
  readonly invitations: readonly RepositoryInvitation[];
  readonly teams: TeamsOnRepository | null;
  readonly filled: {
    readonly collaborator?: {
      readonly login: string;
      readonly role: RepositoryRole;
      readonly problems: readonly Problem[];
    };
    readonly team?: { readonly problems: readonly Problem[] };
  };
}

const roleLabels: Readonly<Record<RepositoryRole, string>> = {
  read: 'Read: clone and pull',
  write: 'Write: push, too',
  admin: 'Admin: settings, collaborators and deletion, too',
};

export function Collaborators(props: AccessProps): JSX.Element {
  const { repository, collaborators, collaboratorCount, invitations, filled } = props;
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
            {person.ownRole === null ? (
              <span class="muted">
                {person.accountId === repository.ownerId
                  ? 'Owner'
                  : `${person.role}, by the organization or a team`}
              </span>
            ) : (
              <CollaboratorForms person={person} action={action} />
            )}
          </li>
        ))}
        {collaborators.length < collaboratorCount && (
          <li class="Box-row muted">{`${collaboratorCount - collaborators.length} more: see the API.`}</li>
        )}
        {invitations.map((invitation) => (
          <InvitationRow key={`invitation-${invitation.id}`} invitation={invitation} />
        ))}
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
          help="They are invited, and accept on their front page."
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

function InvitationRow({ invitation }: { readonly invitation: RepositoryInvitation }): JSX.Element {
  const { id, repository, invitee, role, createdAt } = invitation;
  return (
    <li class="Box-row person-row">
      <span>
        {invitee.login} <Label>{role}</Label>{' '}
        <span class="muted">
          invited <RelativeTime at={createdAt} />
        </span>
      </span>
      <Form action={`${repositoryPath(repository)}/settings/invitations/cancel`}>
        <input type="hidden" name="invitation" value={String(id)} />
        <button type="submit" class="btn btn-sm" aria-label={`Take back the invitation of ${invitee.login}`}>
          Take back
        </button>
      </Form>
    </li>
  );
}

function CollaboratorForms({ person, action }: { person: Collaborator; action: string }): JSX.Element {
  return (
    <div class="person-forms">
      <Form action={action} class="person-form">
        <input type="hidden" name="login" value={person.login} />
        <select class="form-select select-sm" name="role" aria-label={`Role of ${person.login}`}>
          {repositoryRoles.map((role) => (
            <option key={role} value={role} selected={role === person.ownRole}>
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

export function Teams({ repository, teams, filled }: AccessProps): JSX.Element | null {
  if (teams === null) return null;
  const action = `${repositoryPath(repository)}/settings/teams`;
  const { given, every } = teams;
  const others = every.filter(({ id }) => !given.some(({ team }) => team.id === id));
  return (
    <section aria-labelledby="teams">
      <div class="heading">
        <h2 id="teams">Teams</h2>
      </div>
      <FormProblems problems={filled.team?.problems} fields={[]} />
      {given.length === 0 ? (
        <p class="muted">No team has a role of its own in it.</p>
      ) : (
        <ul class="Box Box-list">
          {given.map(({ team, role }) => (
            <li key={team.id} class="Box-row person-row">
              <a
                href={`/orgs/${encodeURIComponent(team.organizationLogin)}/teams/${encodeURIComponent(team.slug)}`}
              >
                {team.name}
              </a>
              <Form action={action} class="person-form">
                <input type="hidden" name="team" value={team.slug} />
                <select class="form-select select-sm" name="role" aria-label={`Role of ${team.name}`}>
                  {repositoryRoles.map((each) => (
                    <option key={each} value={each} selected={each === role}>
                      {each}
                    </option>
                  ))}
                  <option value="none">none</option>
                </select>
                <button type="submit" class="btn btn-sm" aria-label={`Change role of ${team.name}`}>
                  Change
                </button>
              </Form>
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <Form action={action} label="Add a team" class="person-form">
          <select class="form-select" name="team" aria-label="Team">
            {others.map(({ slug, name }) => (
              <option key={slug} value={slug}>
                {name}
              </option>
            ))}
          </select>
          <select class="form-select" name="role" aria-label="Role of the team">
            {repositoryRoles.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
          <button type="submit" class="btn">
            Add team
          </button>
        </Form>
      )}
    </section>
  );
}
