// What somebody is asked, answered on one page: to work on repositories, to take them over, to join organisations.
import type { JSX } from 'preact';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import { idParameter } from '../api/parameters.ts';
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
import {
  acceptTransfer,
  declineTransfer,
  listTransfersTo,
  type PendingTransfer,
} from './transfer-requests.ts';
import { TransfersToAnswer } from './transfer-view.tsx';

const INVITATIONS = '/invitations';
const TRANSFERS = '/invitations/transfers';
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
        <Invitations
          transfers={await listTransfersTo(ctx, accountId, MAX_LISTED)}
          repositories={repositories.items}
          organizations={organizations.items}
        />,
      );
    },
  });
  transferAnswers(routes);
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

function transferAnswers(routes: GuardedRoutes): void {
  const answered = (
    answer: 'accept' | 'decline',
    handler: (call: OwnCall, id: number) => Promise<unknown>,
  ): void =>
    routes.route({
      method: 'POST',
      url: `${TRANSFERS}/:transfer_id/${answer}`,
      action: 'repository-transfers.answer',
      target: selfTarget,
      handler: (call: OwnCall) => handler(call, idParameter(call.request, 'transfer_id') ?? 0),
    });
  answered('accept', async (call, id) => {
    const outcome = await acceptTransfer(call.ctx, call.target.accountId, id);
    if (!outcome.ok) {
      flash(call.reply, 'error', outcome.problems.map(({ message }) => message).join(' '));
      return call.reply.redirect(INVITATIONS, 303);
    }
    flash(call.reply, 'success', `${outcome.value.name} is yours now.`);
    return call.reply.redirect(repositoryPath(outcome.value), 303);
  });
  answered('decline', async (call, id) => {
    const request = await declineTransfer(call.ctx, call.target.accountId, id);
    if (request === null) return call.refuse({ because: 'invisible' });
    flash(call.reply, 'success', `You declined the transfer of ${request.repository.name}.`);
    return call.reply.redirect(INVITATIONS, 303);
  });
}

interface InvitationsProps {
  readonly transfers: readonly PendingTransfer[];
  readonly repositories: readonly RepositoryInvitation[];
  readonly organizations: readonly OrganizationInvitation[];
}

function Invitations({ transfers, repositories, organizations }: InvitationsProps): JSX.Element {
  return (
    <>
      <Heading>Invitations</Heading>
      {transfers.length + repositories.length + organizations.length === 0 && (
        <Blankslate icon="mail" title="Nobody waits for an answer of yours" />
      )}
      {transfers.length > 0 && <TransfersToAnswer transfers={transfers} at={TRANSFERS} />}
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
