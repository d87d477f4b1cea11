// One's own organisations, and the page on which an invitation into one is answered.
import type { JSX } from 'preact';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { flash } from '../web/flash.ts';
import { Form } from '../web/form.tsx';
import { renderPage } from '../web/page.tsx';
import { Blankslate, Heading, Label, Notice } from '../web/parts.tsx';
import { invitationPath, organizationPath } from './addresses.ts';
import {
  acceptInvitation,
  declineInvitations,
  findOwnInvitation,
  listInvitationsOf,
  type OrganizationInvitation,
} from './invitations.ts';
import { findOrganization, listOrganizationsOf, type Organization } from './organizations.ts';

const OWN = '/settings/organizations';
const MAX_LISTED = 100;

type OwnCall = Call<AccountTarget, RouteSchema>;

export function membershipPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: OWN,
    action: 'organizations.list-own',
    target: selfTarget,
    async handler(call) {
      const all = { page: 1, perPage: MAX_LISTED };
      const { accountId } = call.target;
      const own = await listOrganizationsOf(ctx, call.actor, accountId, all);
      const invitations = await listInvitationsOf(ctx, call.actor, accountId, all);
      return renderPage(
        call,
        { title: 'Organizations', settings: 'organizations' },
        <Own organizations={own.items} invitations={invitations.items} />,
      );
    },
  });

  /** The invitation that the caller has from the organisation of the path. */
  const invitationOf = async (call: OwnCall): Promise<OrganizationInvitation | null> => {
    const { org } = call.request.params as { readonly org: string };
    const found = await findOrganization(ctx, call.actor, org);
    return found === null ? null : findOwnInvitation(ctx, found.organizationId, call.target.accountId);
  };

  routes.route({
    method: 'GET',
    url: '/orgs/:org/invitation',
    action: 'memberships.list-own',
    target: selfTarget,
    async handler(call: OwnCall) {
      const invitation = await invitationOf(call);
      if (invitation === null) return call.refuse({ because: 'invisible' });
      return renderPage(call, { title: 'Invitation', width: 'narrow' }, <Answer invitation={invitation} />);
    },
  });
  routes.route({
    method: 'POST',
    url: '/orgs/:org/invitation/accept',
    action: 'memberships.accept',
    target: selfTarget,
    async handler(call: OwnCall) {
      const invitation = await invitationOf(call);
      if (invitation === null) return call.refuse({ because: 'invisible' });
      if (call.actor.kind !== 'user') return call.refuse({ because: 'session-required' });
      const { organization } = invitation;
      const outcome = await acceptInvitation(call.ctx, { organization, invitee: call.actor.account });
      if (!outcome.ok) {
        const [problem] = outcome.problems;
        return renderPage(
          call,
          { title: 'Invitation', width: 'narrow', status: 422 },
          <Answer invitation={invitation} problem={problem?.message} />,
        );
      }
      flash(call.reply, 'success', `You belong to ${invitation.organization.login} now.`);
      return call.reply.redirect(organizationPath(invitation.organization), 303);
    },
  });
  routes.route({
    method: 'POST',
    url: '/orgs/:org/invitation/decline',
    action: 'memberships.accept',
    target: selfTarget,
    async handler(call: OwnCall) {
      const invitation = await invitationOf(call);
      if (call.actor.kind !== 'user') return call.refuse({ because: 'session-required' });
      if (invitation !== null) {
        const { organization } = invitation;
        await declineInvitations(call.ctx, { organization, invitee: call.actor.account });
      }
      flash(call.reply, 'success', 'You declined the invitation.');
      return call.reply.redirect(OWN, 303);
    },
  });
}

function Answer({
  invitation,
  problem,
}: {
  readonly invitation: OrganizationInvitation;
  readonly problem?: string | undefined;
}): JSX.Element {
  const { organization, inviter, role } = invitation;
  const at = invitationPath(organization);
  return (
    <>
      <h1>{`Join ${organization.login}?`}</h1>
      {problem !== undefined && <Notice kind="error">{problem}</Notice>}
      <div class="Box sign-in-box">
        <p>
          <strong>{inviter.login}</strong> invites you to{' '}
          <a href={organizationPath(organization)}>{organization.name ?? organization.login}</a> as{' '}
          {role === 'owner' ? 'an owner: you will decide about all of it' : 'a member'}.
        </p>
        <p>Its owners will see which repositories of it you work on.</p>
        <Form action={`${at}/accept`}>
          <button type="submit" class="btn btn-primary">
            {`Join ${organization.login}`}
          </button>
        </Form>
        <Form action={`${at}/decline`}>
          <button type="submit" class="btn btn-block">
            Decline
          </button>
        </Form>
      </div>
    </>
  );
}

interface OwnProps {
  readonly organizations: readonly {
    readonly organization: Organization;
    readonly role: 'owner' | 'member';
  }[];
  readonly invitations: readonly OrganizationInvitation[];
}

function Own({ organizations, invitations }: OwnProps): JSX.Element {
  return (
    <>
      <Heading
        actions={
          <a class="btn btn-primary" href="/organizations/new">
            New organization
          </a>
        }
      >
        Organizations
      </Heading>
      {invitations.length > 0 && (
        <ul class="Box entries" aria-label="Invitations">
          {invitations.map(({ id, organization, inviter }) => (
            <li key={id} class="Box-row entry">
              <p class="entry-main">
                <strong>{inviter.login}</strong> invites you to <strong>{organization.login}</strong>.
              </p>
              <a class="btn" href={invitationPath(organization)}>
                {`Answer ${organization.login}`}
              </a>
            </li>
          ))}
        </ul>
      )}
      {organizations.length === 0 ? (
        <Blankslate icon="organization" title="You belong to no organization">
          <p>Make one to own repositories together with others, or ask an owner of one to invite you.</p>
        </Blankslate>
      ) : (
        <ul class="Box entries" aria-label="Your organizations">
          {organizations.map(({ organization, role }) => (
            <li key={organization.id} class="Box-row entry">
              <p class="entry-main">
                <a href={organizationPath(organization)}>
                  <strong>{organization.login}</strong>
                </a>{' '}
                {organization.name !== null && <span class="muted">{organization.name}</span>}{' '}
                <Label>{role === 'owner' ? 'Owner' : 'Member'}</Label>
              </p>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
