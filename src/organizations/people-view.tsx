// The lists and forms of an organisation's people.
import type { JSX } from 'preact';
import { type OrganizationRole, organizationRoles } from '../access/actions.ts';
import type { Problem } from '../problems.ts';
import type { OutsideCollaborator } from '../repositories/outside.ts';
import { Field, Form, FormProblems, Select } from '../web/form.tsx';
import { Blankslate, Dialog, Heading, Label, Pagination, RelativeTime } from '../web/parts.tsx';
import { peoplePath } from './addresses.ts';
import type { OrganizationInvitation } from './invitations.ts';
import type { Member } from './members.ts';
import type { Organization } from './organizations.ts';

/** What was typed into the invitation. */
export interface PeopleTyped {
  readonly invitee: string;
  readonly role: OrganizationRole;
}

export interface PeopleProps {
  readonly organization: Organization;
  readonly members: readonly Member[];
  readonly page: number;
  readonly pages: number;
  /** Does who looks see all members, and who is public? */
  readonly isInside: boolean;
  readonly mayChange: boolean;
  /** Who looks at the page. */
  readonly own: number;
  /** Null: not for who looks. */
  readonly invitations: readonly OrganizationInvitation[] | null;
  readonly outside: readonly OutsideCollaborator[] | null;
  readonly typed?: PeopleTyped;
  readonly problems?: readonly Problem[];
}

const roleNames: Readonly<Record<OrganizationRole, string>> = { member: 'Member', owner: 'Owner' };

export function People(props: PeopleProps): JSX.Element {
  const { organization, members, page, pages, isInside, invitations, outside, problems } = props;
  const at = peoplePath(organization);
  return (
    <>
      <Heading>People</Heading>
      <FormProblems problems={problems} fields={['invitee']} />
      {members.length === 0 ? (
        <Blankslate icon="people" title="No public members">
          <p>Members are shown to everybody only where they say so themselves.</p>
        </Blankslate>
      ) : (
        <ul class="Box entries" aria-label={isInside ? 'Members' : 'Public members'}>
          {members.map((member) => (
            <MemberRow key={member.id} member={member} {...props} />
          ))}
        </ul>
      )}
      <Pagination page={page} pages={pages} href={(number) => `${at}?page=${number}`} />
      {invitations !== null && <Invitations {...props} invitations={invitations} />}
      {outside !== null && outside.length > 0 && <Outside {...props} outside={outside} />}
    </>
  );
}

function MemberRow(props: PeopleProps & { readonly member: Member }): JSX.Element {
  const { member, organization, isInside, mayChange, own } = props;
  const at = peoplePath(organization);
  const titleId = `member-${member.id}`;
  return (
    <li class="Box-row entry">
      <p class="entry-main" id={titleId}>
        <a href={`/${encodeURIComponent(member.login)}`}>
          <strong>{member.login}</strong>
        </a>{' '}
        {member.name !== null && <span class="muted">{member.name}</span>}{' '}
        {isInside && <Label>{roleNames[member.role]}</Label>}{' '}
        {isInside && <Label>{member.isPublic ? 'Public' : 'Private'}</Label>}
      </p>
      <div class="entry-actions">
        {member.id === own && <OwnForms member={member} organization={organization} />}
        {mayChange && (
          <>
            <Form action={`${at}/role`} class="person-form">
              <input type="hidden" name="login" value={member.login} />
              <select class="form-select select-sm" name="role" aria-label={`Role of ${member.login}`}>
                {organizationRoles.map((role) => (
                  <option key={role} value={role} selected={role === member.role}>
                    {roleNames[role]}
                  </option>
                ))}
              </select>
              <button type="submit" class="btn btn-sm" aria-label={`Change role of ${member.login}`}>
                Change
              </button>
            </Form>
            {member.id !== own && <Removal member={member} at={at} titleId={titleId} />}
          </>
        )}
      </div>
    </li>
  );
}

function Removal(props: {
  readonly member: Member;
  readonly at: string;
  readonly titleId: string;
}): JSX.Element {
  const { member, at, titleId } = props;
  return (
    <Dialog
      id={`remove-${member.id}`}
      title={`Remove ${member.login}?`}
      opener="Remove"
      openerDescribedBy={titleId}
      openerClass="btn btn-sm btn-danger"
    >
      <p>Their tokens and keys reach nothing of the organization from the next request on.</p>
      <Form action={`${at}/remove`}>
        <input type="hidden" name="login" value={member.login} />
        <button type="submit" class="btn btn-danger">{`I understand, remove ${member.login}`}</button>
      </Form>
      <p>Or let them keep what their teams gave them, as an outside collaborator:</p>
      <Form action={`${at}/remove`}>
        <input type="hidden" name="login" value={member.login} />
        <input type="hidden" name="keep" value="team-access" />
        <button type="submit" class="btn">
          Make an outside collaborator
        </button>
      </Form>
    </Dialog>
  );
}

function OwnForms(props: { readonly member: Member; readonly organization: Organization }): JSX.Element {
  const { member, organization } = props;
  const at = peoplePath(organization);
  return (
    <>
      <Form action={`${at}/visibility`}>
        <input type="hidden" name="public" value={member.isPublic ? '0' : '1'} />
        <button type="submit" class="btn btn-sm">
          {member.isPublic ? 'Make private' : 'Make public'}
        </button>
      </Form>
      <Dialog
        id="leave-dialog"
        title={`Leave ${organization.login}?`}
        opener="Leave"
        openerClass="btn btn-sm btn-danger"
      >
        <p>You lose what you have in its repositories, and come back by invitation only.</p>
        <Form action={`${at}/leave`}>
          <button type="submit" class="btn btn-danger">{`I understand, leave ${organization.login}`}</button>
        </Form>
      </Dialog>
    </>
  );
}

function Invitations(
  props: PeopleProps & { readonly invitations: readonly OrganizationInvitation[] },
): JSX.Element {
  const { organization, invitations, typed, problems } = props;
  const at = peoplePath(organization);
  return (
    <section aria-labelledby="invitations">
      <div class="heading">
        <h2 id="invitations">Invitations</h2>
      </div>
      {invitations.length > 0 && (
        <ul class="Box entries">
          {invitations.map(({ id, invitee, email, inviter, role, createdAt }) => (
            <li key={id} class="Box-row entry">
              <p class="entry-main" id={`invitation-${id}`}>
                <strong>{email ?? invitee?.login}</strong> <Label>{roleNames[role]}</Label>{' '}
                <span class="muted">
                  invited by {inviter.login} <RelativeTime at={createdAt} />
                </span>
              </p>
              <Form action={`${at}/cancel`}>
                <input type="hidden" name="invitation" value={String(id)} />
                <button type="submit" class="btn btn-sm" aria-describedby={`invitation-${id}`}>
                  Take back
                </button>
              </Form>
            </li>
          ))}
        </ul>
      )}
      <Form action={`${at}/invite`} label="Invite somebody" class="inline-form">
        <Field
          name="invitee"
          label="User name or email address"
          value={typed?.invitee ?? ''}
          problems={problems}
          required
          spellcheck={false}
          autocomplete="off"
          help="Whoever has the address finds the invitation when they sign in; you see who it is once they accept."
        />
        <Select
          name="role"
          label="Role"
          value={typed?.role ?? 'member'}
          options={[
            { value: 'member', label: 'Member: sees all members and teams' },
            { value: 'owner', label: 'Owner: decides about all of it' },
          ]}
        />
        <button type="submit" class="btn">
          Invite
        </button>
      </Form>
    </section>
  );
}

function Outside(props: PeopleProps & { readonly outside: readonly OutsideCollaborator[] }): JSX.Element {
  const { organization, outside, mayChange } = props;
  return (
    <section aria-labelledby="outside">
      <div class="heading">
        <h2 id="outside">Outside collaborators</h2>
      </div>
      <p>They work on single repositories without belonging to the organization.</p>
      <ul class="Box entries">
        {outside.map(({ id, login }) => (
          <li key={id} class="Box-row entry">
            <p class="entry-main" id={`outside-${id}`}>
              <a href={`/${encodeURIComponent(login)}`}>{login}</a>
            </p>
            {mayChange && (
              <Form action={`${peoplePath(organization)}/outside/remove`}>
                <input type="hidden" name="login" value={login} />
                <button type="submit" class="btn btn-sm btn-danger" aria-describedby={`outside-${id}`}>
                  Remove from all repositories
                </button>
              </Form>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
