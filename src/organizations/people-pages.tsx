// The people of an organisation: members, who is invited, and who works on its repositories from outside. Everybody
// sees the public members; owners invite, change and remove.
import type { FastifyReply } from 'fastify';
import type { OrganizationRole } from '../access/actions.ts';
import { organizationRoles } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type Account, findAccountByLogin } from '../accounts/accounts.ts';
import type { Context } from '../context.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { listOutsideCollaborators, removeOutsideCollaborator } from '../repositories/outside.ts';
import { flash } from '../web/flash.ts';
import { type FormFields, textOf } from '../web/forms.ts';
import { submitted } from '../web/visit.ts';
import { organizationPath, peoplePath } from './addresses.ts';
import { organizationInPath } from './finding.ts';
import { renderOrganizationPage } from './frame.tsx';
import {
  cancelInvitation,
  findInvitationById,
  inviteByEmail,
  inviteMember,
  listInvitations,
} from './invitations.ts';
import { changeMemberRole, listMembers, removeMember, setMembershipPublic } from './members.ts';
import type { OrganizationFound } from './organizations.ts';
import { People, type PeopleTyped } from './people-view.tsx';

type PeopleCall = Call<OrganizationFound, RouteSchema>;

const PER_PAGE = 50;
const MAX_OTHERS = 100;

export function peoplePages(routes: GuardedRoutes, ctx: Context): void {
  const target = organizationInPath(ctx);

  async function send(
    call: PeopleCall,
    more: { readonly typed?: PeopleTyped; readonly problems?: readonly Problem[] } = {},
  ): Promise<FastifyReply> {
    const { actor, ask } = call;
    const { organization } = call.target;
    const may = (action: Parameters<typeof ask>[1]) =>
      ask(actor, action as 'teams.read', call.target).allowed;
    const { page: text } = call.request.query as { readonly page?: unknown };
    const page = typeof text === 'string' && /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 1;
    const isInside = may('members.list-all');
    const members = await listMembers(ctx, organization.id, {
      page,
      perPage: PER_PAGE,
      publicOnly: !isInside,
    });
    const others = { page: 1, perPage: MAX_OTHERS };
    const invitations = may('organization-invitations.list')
      ? (await listInvitations(ctx, organization.id, others)).items
      : null;
    const outside = may('outside-collaborators.list')
      ? (await listOutsideCollaborators(ctx, organization.id, others)).items
      : null;
    return renderOrganizationPage(
      call,
      call.target,
      { title: 'People', tab: 'people', ...(more.problems === undefined ? {} : { status: 422 }) },
      <People
        organization={organization}
        members={members.items}
        page={page}
        pages={Math.max(1, Math.ceil(members.total / PER_PAGE))}
        isInside={isInside}
        mayChange={may('memberships.write')}
        own={actor.kind === 'user' ? actor.account.id : 0}
        invitations={invitations}
        outside={outside}
        {...more}
      />,
    );
  }

  type PeopleAction =
    | 'memberships.write'
    | 'memberships.publicize'
    | 'memberships.leave'
    | 'organization-invitations.write'
    | 'outside-collaborators.write';
  const form = (
    path: string,
    action: PeopleAction,
    handler: (call: PeopleCall, fields: FormFields) => Promise<Outcome<string> | FastifyReply>,
  ): void =>
    routes.route({
      method: 'POST',
      url: `/orgs/:org/people${path}`,
      action,
      target,
      handler: async (call: PeopleCall) => {
        const outcome = await handler(call, submitted(call.request));
        if (!('ok' in outcome)) return outcome;
        if (!outcome.ok) return send(call, { problems: asGeneral(outcome.problems) });
        flash(call.reply, 'success', outcome.value);
        return call.reply.redirect(peoplePath(call.target.organization), 303);
      },
    });

  routes.route({
    method: 'GET',
    url: '/orgs/:org/people',
    action: 'members.list',
    target,
    handler: (call: PeopleCall) => send(call),
  });

  form('/invite', 'organization-invitations.write', async (call, fields) => {
    const typed = { invitee: textOf(fields, 'invitee').trim(), role: roleIn(fields) };
    if (call.actor.kind !== 'user') return call.refuse({ because: 'unauthenticated' }) as FastifyReply;
    if (typed.invitee.includes('@')) {
      const asked = { email: typed.invitee, inviter: call.actor.account, role: typed.role };
      const outcome = await inviteByEmail(call.ctx, call.target.organization, asked);
      if (!outcome.ok) return send(call, { typed, problems: asInvitee(outcome.problems) });
      return done(`Whoever has the address ${typed.invitee} is invited.`);
    }
    const invitee = await inviteeNamed(ctx, typed.invitee);
    if (!invitee.ok) return send(call, { typed, problems: asInvitee(invitee.problems) });
    const invitation = { invitee: invitee.value, inviter: call.actor.account, role: typed.role };
    const outcome = await inviteMember(call.ctx, call.target.organization, invitation);
    if (!outcome.ok) return send(call, { typed, problems: asInvitee(outcome.problems) });
    return done(`${invitee.value.login} is invited, and finds the invitation on their front page.`);
  });
  form('/cancel', 'organization-invitations.write', async (call, fields) => {
    const id = Number(textOf(fields, 'invitation')) || 0;
    const invitation = await findInvitationById(ctx, call.target.organizationId, id);
    if (invitation !== null) await cancelInvitation(call.ctx, invitation);
    return done('The invitation is taken back.');
  });
  form('/role', 'memberships.write', async (call, fields) => {
    const account = await findAccountByLogin(ctx, textOf(fields, 'login'));
    const role = roleIn(fields);
    const outcome = await changeMemberRole(call.ctx, call.target.organization, account?.id ?? 0, role);
    return outcome.ok
      ? done(`${outcome.value.login} is ${role === 'owner' ? 'an owner' : 'a member'} now.`)
      : outcome;
  });
  form('/remove', 'memberships.write', async (call, fields) => {
    const account = await findAccountByLogin(ctx, textOf(fields, 'login'));
    const keeping = textOf(fields, 'keep') === 'team-access' ? 'team-access' : 'nothing';
    const { organization } = call.target;
    const outcome = await removeMember(call.ctx, organization, account?.id ?? 0, keeping);
    return outcome.ok ? done(`${outcome.value.login} is no member any more.`) : outcome;
  });
  form('/outside/remove', 'outside-collaborators.write', async (call, fields) => {
    const account = await findAccountByLogin(ctx, textOf(fields, 'login'));
    if (account === null) return refused(nobody);
    await removeOutsideCollaborator(call.ctx, call.target.organization, account);
    return done(`${account.login} works on no repository of it any more.`);
  });
  form('/visibility', 'memberships.publicize', async (call, fields) => {
    const own = call.actor.kind === 'user' ? call.actor.account.id : 0;
    const isPublic = textOf(fields, 'public') === '1';
    const outcome = await setMembershipPublic(call.ctx, call.target.organization, own, isPublic);
    if (!outcome.ok) return outcome;
    return done(
      isPublic ? 'Everybody sees that you belong to it.' : 'Only members see that you belong to it.',
    );
  });
  form('/leave', 'memberships.leave', async (call) => {
    const own = call.actor.kind === 'user' ? call.actor.account.id : 0;
    const { organization } = call.target;
    const outcome = await removeMember(call.ctx, organization, own);
    if (!outcome.ok) return outcome;
    flash(call.reply, 'success', `You left ${organization.login}.`);
    return call.reply.redirect(organizationPath(organization), 303);
  });
}

async function inviteeNamed(ctx: Context, text: string): Promise<Outcome<Account>> {
  if (text === '') {
    return refused({
      field: 'invitee',
      code: 'missing_field',
      message: 'Type a user name or an email address.',
    });
  }
  const account = await findAccountByLogin(ctx, text);
  return account === null ? refused(nobody) : done(account);
}

const nobody: Problem = { field: 'invitee', code: 'invalid', message: 'Nobody here has this user name.' };

function roleIn(fields: FormFields): OrganizationRole {
  const text = textOf(fields, 'role');
  return organizationRoles.find((role) => role === text) ?? 'member';
}

const asInvitee = (problems: readonly Problem[]) =>
  problems.map((problem) => ({ ...problem, field: 'invitee' }));
/** Told above the list: the row that was pressed has no field. */
const asGeneral = (problems: readonly Problem[]) =>
  problems.map((problem) => ({ ...problem, field: 'people' }));
