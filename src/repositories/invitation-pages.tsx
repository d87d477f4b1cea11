// What somebody was invited to, answered on one page: repositories, and the way to answer organisations.
import type { JSX } from 'preact';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { invitationPath } from '../organizations/addresses.ts';
import { listInvitationsOf, type OrganizationInvitation } from '../organizations/invitations.ts';
import { flash } from '../web/flash.ts';
import { Form } from '../web/form.tsx';
import { renderPage } from '../web/page.tsx';
import { Blankslate, Heading, Label, RelativeTime } from '../web/parts.tsx';
import { repositoryPath } from './addresses.ts';
import {
  acceptRepositoryInvitation,
  declineRepositoryInvitation,
  findRepositoryInvitationOf,
  listRepositoryInvitationsOf,
  type RepositoryInvitation,
} from './invitations.ts';

const INVITATIONS = '/invitations';
const MAX_LISTED = 100;

type OwnCall = Call<AccountTarget, RouteSchema>;

export function repositoryInvitationPages(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: INVITATIONS,
    action: 'repository-invitations.list-own',
    target: selfTarget,
    async handler(call: OwnCall) {
      const all = { page: 1, perPage: MAX_LISTED };
      const { accountId } = call.target;
      const repositories = await listRepositoryInvitationsOf(ctx, call.actor, accountId, all);
      const organizations = await listInvitationsOf(ctx, call.actor, accountId, all);
      return renderPage(
        call,
        { title: 'Invitations' },
        <Invitations repositories={repositories.items} organizations={organizations.items} />,
      );
    },
  });
  // Where the API says that an invitation is answered: whoever is not invited learns nothing of the repository.
  routes.route({
    method: 'GET',
    url: '/:owner/:repo/invitations',
    action: 'repository-invitations.list-own',
    target: selfTarget,
    handler: (call: OwnCall) => call.reply.redirect(INVITATIONS, 302),
  });
  for (const answer of ['accept', 'decline'] as const) {
    routes.route({
      method: 'POST',
      url: `${INVITATIONS}/:invitation_id/${answer}`,
      action: 'repository-invitations.answer',
      target: selfTarget,
      async handler(call: OwnCall) {
        const { invitation_id: text } = call.request.params as { readonly invitation_id: string };
        const id = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
        const found = await findRepositoryInvitationOf(ctx, call.actor, call.target.accountId, id);
        if (found === null) return call.refuse({ because: 'invisible' });
        const name = `${found.repository.ownerLogin}/${found.repository.name}`;
        if (answer === 'decline') {
          await declineRepositoryInvitation(call.ctx, found);
          flash(call.reply, 'success', `You declined the invitation to ${name}.`);
          return call.reply.redirect(INVITATIONS, 303);
        }
        const outcome = await acceptRepositoryInvitation(call.ctx, found);
        if (!outcome.ok) {
          flash(call.reply, 'error', outcome.problems.map(({ message }) => message).join(' '));
          return call.reply.redirect(INVITATIONS, 303);
        }
        flash(call.reply, 'success', `You may work on ${name} now: ${outcome.value}.`);
        return call.reply.redirect(repositoryPath(found.repository), 303);
      },
    });
  }
}

interface InvitationsProps {
  readonly repositories: readonly RepositoryInvitation[];
  readonly organizations: readonly OrganizationInvitation[];
}

function Invitations({ repositories, organizations }: InvitationsProps): JSX.Element {
  return (
    <>
      <Heading>Invitations</Heading>
      {repositories.length + organizations.length === 0 && (
        <Blankslate icon="mail" title="Nobody waits for an answer of yours" />
      )}
      {organizations.length > 0 && (
        <ul class="Box entries" aria-label="Invitations into organizations">
          {organizations.map(({ id, organization, inviter }) => (
            <li key={id} class="Box-row entry">
              <p class="entry-main">
                <strong>{inviter.login}</strong> invites you into <strong>{organization.login}</strong>.
              </p>
              <a class="btn" href={invitationPath(organization)}>
                {`Answer ${organization.login}`}
              </a>
            </li>
          ))}
        </ul>
      )}
      {repositories.length > 0 && (
        <ul class="Box entries" aria-label="Invitations to repositories">
          {repositories.map((invitation) => (
            <RepositoryRow key={invitation.id} invitation={invitation} />
          ))}
        </ul>
      )}
    </>
  );
}

function RepositoryRow({ invitation }: { readonly invitation: RepositoryInvitation }): JSX.Element {
  const { id, repository, inviter, role, createdAt } = invitation;
  const name = `${repository.ownerLogin}/${repository.name}`;
  return (
    <li class="Box-row entry">
      <p class="entry-main">
        <strong>{inviter.login}</strong> invites you to work on <strong>{name}</strong> <Label>{role}</Label>{' '}
        <span class="muted">
          <RelativeTime at={createdAt} />
        </span>
      </p>
      <div class="entry-actions">
        <Form action={`${INVITATIONS}/${id}/accept`}>
          <button type="submit" class="btn btn-primary" aria-label={`Accept the invitation to ${name}`}>
            Accept
          </button>
        </Form>
        <Form action={`${INVITATIONS}/${id}/decline`}>
          <button type="submit" class="btn" aria-label={`Decline the invitation to ${name}`}>
            Decline
          </button>
        </Form>
      </div>
    </li>
  );
}
