// The list of an organisation's teams, and one team.
import type { JSX } from 'preact';
import { type RepositoryRole, repositoryRoles } from '../access/actions.ts';
import type { Problem } from '../problems.ts';
import { Field, Form, FormProblems, Select } from '../web/form.tsx';
import { Blankslate, Dialog, Heading, Label } from '../web/parts.tsx';
import { organizationPath, teamPath, teamsPath } from './addresses.ts';
import type { Organization } from './organizations.ts';
import type { Team, TeamMember } from './teams.ts';

export interface TeamTyped {
  readonly name: string;
  readonly description: string;
}

export interface TeamListProps {
  readonly organization: Organization;
  readonly teams: readonly Team[];
  readonly total: number;
  readonly mayCreate: boolean;
  readonly typed: TeamTyped;
  readonly problems: readonly Problem[];
}

export function TeamList({
  organization,
  teams,
  total,
  mayCreate,
  typed,
  problems,
}: TeamListProps): JSX.Element {
  return (
    <>
      <Heading>Teams</Heading>
      {teams.length === 0 ? (
        <Blankslate icon="people" title="There are no teams yet">
          <p>A team is given a role in repositories, and so is everybody in it.</p>
        </Blankslate>
      ) : (
        <ul class="Box entries" aria-label="Teams">
          {teams.map((team) => (
            <li key={team.id} class="Box-row entry">
              <p class="entry-main">
                <a href={teamPath(team)}>
                  <strong>{team.name}</strong>
                </a>{' '}
                <span class="muted">{team.description}</span>
              </p>
            </li>
          ))}
          {teams.length < total && (
            <li class="Box-row muted">{`${total - teams.length} more: see the API.`}</li>
          )}
        </ul>
      )}
      {mayCreate && (
        <section aria-labelledby="new-team">
          <div class="heading">
            <h2 id="new-team">New team</h2>
          </div>
          <Form action={teamsPath(organization)} label="New team">
            <TeamFields typed={typed} problems={problems} />
            <button type="submit" class="btn btn-primary">
              Create team
            </button>
          </Form>
        </section>
      )}
    </>
  );
}

interface TeamFieldsProps {
  readonly typed: TeamTyped;
  readonly problems: readonly Problem[];
}

function TeamFields({ typed, problems }: TeamFieldsProps): JSX.Element {
  return (
    <>
      <FormProblems problems={problems} fields={['name', 'description', 'login', 'repository']} />
      <Field
        name="name"
        label="Team name"
        value={typed.name}
        problems={problems}
        required
        autocomplete="off"
      />
      <Field
        name="description"
        label="Description"
        value={typed.description}
        problems={problems}
        autocomplete="off"
      />
    </>
  );
}

export interface TeamViewProps {
  readonly organization: Organization;
  readonly team: Team;
  readonly members: readonly TeamMember[];
  /** Those that who looks may read. */
  readonly repositories: readonly { readonly name: string; readonly role: RepositoryRole }[];
  readonly mayEdit: boolean;
  readonly mayChangeMembers: boolean;
  readonly mayChangeRepositories: boolean;
  readonly typed: TeamTyped;
  readonly problems: readonly Problem[];
}

export function TeamView(props: TeamViewProps): JSX.Element {
  const { team, mayEdit, typed, problems } = props;
  return (
    <>
      <Heading>{team.name}</Heading>
      {team.description !== null && <p>{team.description}</p>}
      <Members {...props} />
      <Repositories {...props} />
      {mayEdit && (
        <section aria-labelledby="edit-team">
          <div class="heading">
            <h2 id="edit-team">Edit team</h2>
          </div>
          <Form action={`${teamPath(team)}/edit`} label="Edit team">
            <TeamFields typed={typed} problems={problems} />
            <button type="submit" class="btn">
              Save team
            </button>
          </Form>
          <Dialog
            id="delete-team"
            title={`Delete ${team.name}?`}
            opener="Delete team"
            openerClass="btn btn-danger"
          >
            <p>Its members lose what only the team gave them.</p>
            <Form action={`${teamPath(team)}/delete`}>
              <button type="submit" class="btn btn-danger">
                I understand, delete this team
              </button>
            </Form>
          </Dialog>
        </section>
      )}
    </>
  );
}

function Members({ team, members, mayChangeMembers, problems }: TeamViewProps): JSX.Element {
  const at = `${teamPath(team)}/members`;
  return (
    <section aria-labelledby="members">
      <div class="heading">
        <h2 id="members">Members</h2>
      </div>
      {members.length === 0 && <p class="muted">Nobody is in it yet.</p>}
      {members.length > 0 && (
        <ul class="Box entries" aria-labelledby="members">
          {members.map(({ id, login, role }) => (
            <li key={id} class="Box-row entry">
              <p class="entry-main">
                <a href={`/${encodeURIComponent(login)}`}>{login}</a>{' '}
                {role === 'maintainer' && <Label>Owner</Label>}
              </p>
              {mayChangeMembers && (
                <Form action={`${at}/remove`}>
                  <input type="hidden" name="login" value={login} />
                  <button type="submit" class="btn btn-sm" aria-label={`Remove ${login} from the team`}>
                    Remove
                  </button>
                </Form>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayChangeMembers && (
        <Form action={at} label="Add a member" class="inline-form">
          <Field
            name="login"
            label="User name"
            problems={problems}
            required
            spellcheck={false}
            autocomplete="off"
            help="Of a member of the organization."
          />
          <button type="submit" class="btn">
            Add to the team
          </button>
        </Form>
      )}
    </section>
  );
}

function Repositories(props: TeamViewProps): JSX.Element {
  const { organization, team, repositories, mayChangeRepositories, problems } = props;
  const at = `${teamPath(team)}/repositories`;
  return (
    <section aria-labelledby="repositories">
      <div class="heading">
        <h2 id="repositories">Repositories</h2>
      </div>
      {repositories.length === 0 && <p class="muted">It has a role in none that you can see.</p>}
      {repositories.length > 0 && (
        <ul class="Box entries" aria-labelledby="repositories">
          {repositories.map(({ name, role }) => (
            <li key={name} class="Box-row entry">
              <p class="entry-main">
                <a href={`${organizationPath(organization)}/${encodeURIComponent(name)}`}>{name}</a>{' '}
                <Label>{roleNames[role]}</Label>
              </p>
              {mayChangeRepositories && (
                <Form action={`${at}/remove`}>
                  <input type="hidden" name="repository" value={name} />
                  <button type="submit" class="btn btn-sm" aria-label={`Remove ${name}`}>
                    Remove
                  </button>
                </Form>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayChangeRepositories && (
        <Form action={at} label="Add a repository" class="inline-form">
          <Field
            name="repository"
            label="Repository"
            problems={problems}
            required
            spellcheck={false}
            autocomplete="off"
            help="Its name in the organization."
          />
          <Select
            name="role"
            label="Role"
            value="read"
            options={repositoryRoles.map((value) => ({ value, label: roleNames[value] }))}
          />
          <button type="submit" class="btn">
            Give the team this role
          </button>
        </Form>
      )}
    </section>
  );
}

const roleNames: Readonly<Record<RepositoryRole, string>> = { read: 'Read', write: 'Write', admin: 'Admin' };
