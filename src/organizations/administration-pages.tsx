// The site admins' pages of organisations: all there are, a new one for somebody, another name (ghes-spec 6.2).
import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type InstanceTarget, instance } from '../access/targets.ts';
import { findAccountByLogin } from '../accounts/accounts.ts';
import { idParameter, textParameter } from '../api/parameters.ts';
import type { Context } from '../context.ts';
import { done, type Outcome, type Problem, refused } from '../problems.ts';
import { flash } from '../web/flash.ts';
import { Field, Form, FormProblems } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { Blankslate, Heading, RelativeTime } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { organizationPath } from './addresses.ts';
import { listMembers, type Member } from './members.ts';
import {
  createOrganization,
  findOrganizationById,
  listOrganizations,
  type Organization,
  renameOrganization,
} from './organizations.ts';

const ALL = '/admin/organizations';
const PER_PAGE = 50;
const MAX_OWNERS = 100;
const settings = 'all-organizations';

type AdminCall = Call<InstanceTarget, RouteSchema>;

export function organizationAdministrationPages(routes: GuardedRoutes, ctx: Context): void {
  const sendList = async (call: AdminCall, typed: Typed, problems: readonly Problem[] = []) => {
    const since = textParameter(call.request, 'since') ?? '0';
    const after = /^\d{1,15}$/.test(since) ? Number(since) : 0;
    // One more than is shown tells whether there are more.
    const listed = await listOrganizations(ctx, { after, limit: PER_PAGE + 1 });
    const shown = listed.slice(0, PER_PAGE);
    const next = listed.length > PER_PAGE ? (shown.at(-1)?.id ?? null) : null;
    return renderPage(
      call,
      { title: 'All organizations', settings, ...(problems.length === 0 ? {} : { status: 422 }) },
      <Organizations organizations={shown} next={next} typed={typed} problems={problems} />,
    );
  };
  const onAll = { action: 'all-organizations.create', target: () => instance } as const;
  routes.route({
    ...onAll,
    method: 'GET',
    url: ALL,
    handler: (call) => sendList(call, { login: '', name: '', owner: '' }),
  });
  routes.route({
    ...onAll,
    method: 'POST',
    url: ALL,
    async handler(call) {
      const fields = submitted(call.request);
      const typed = {
        login: textOf(fields, 'login').trim(),
        name: textOf(fields, 'name'),
        owner: textOf(fields, 'owner').trim(),
      };
      const owner = await ownerNamed(ctx, typed.owner);
      if (!owner.ok) return sendList(call, typed, owner.problems);
      const made = await createOrganization(call.ctx, { ...typed, owner: owner.value });
      if (!made.ok) return sendList(call, typed, made.problems);
      flash(call.reply, 'success', `Made ${made.value.login}, which ${owner.value.login} owns.`);
      return call.reply.redirect(ALL, 303);
    },
  });

  const onOne = { action: 'all-organizations.update', target: () => instance } as const;
  const found = async (call: AdminCall): Promise<Organization | null> => {
    const id = idParameter(call.request, 'organization_id');
    return id === null ? null : ((await findOrganizationById(ctx, call.actor, id))?.organization ?? null);
  };
  const sendOne = async (
    call: AdminCall,
    organization: Organization,
    login: string,
    problems: readonly Problem[] = [],
  ): Promise<FastifyReply> => {
    const asked = { page: 1, perPage: MAX_OWNERS, role: 'owner' } as const;
    const { items } = await listMembers(ctx, organization.id, asked);
    return renderPage(
      call,
      { title: organization.login, settings, ...(problems.length === 0 ? {} : { status: 422 }) },
      <One organization={organization} owners={items} login={login} problems={problems} />,
    );
  };
  routes.route({
    ...onOne,
    method: 'GET',
    url: `${ALL}/:organization_id`,
    async handler(call) {
      const organization = await found(call);
      if (organization === null) return call.refuse({ because: 'invisible' });
      return sendOne(call, organization, organization.login);
    },
  });
  routes.route({
    ...onOne,
    method: 'POST',
    url: `${ALL}/:organization_id/rename`,
    async handler(call) {
      const organization = await found(call);
      if (organization === null) return call.refuse({ because: 'invisible' });
      const login = textOf(submitted(call.request), 'login').trim();
      const renamed = await renameOrganization(call.ctx, organization.id, login);
      if (!renamed.ok) return sendOne(call, organization, login, renamed.problems);
      flash(call.reply, 'success', `${organization.login} is called ${renamed.value.login} now.`);
      return call.reply.redirect(`${ALL}/${organization.id}`, 303);
    },
  });
}

async function ownerNamed(
  ctx: Context,
  login: string,
): Promise<Outcome<{ readonly id: number; readonly login: string }>> {
  const account = await findAccountByLogin(ctx, login);
  const message = 'Nobody here has this user name.';
  return account === null ? refused({ field: 'owner', code: 'invalid', message }) : done(account);
}

interface Typed {
  readonly login: string;
  readonly name: string;
  readonly owner: string;
}

interface OrganizationsProps {
  readonly organizations: readonly Organization[];
  /** After which one the next page begins; null: this is the last. */
  readonly next: number | null;
  readonly typed: Typed;
  readonly problems: readonly Problem[];
}

function Organizations({ organizations, next, typed, problems }: OrganizationsProps): JSX.Element {
  return (
    <>
      <Heading>All organizations</Heading>
      <p class="intro">
        Every organization of the instance. What is in them is decided by their owners; a site admin who is no
        member sees what everybody sees.
      </p>
      <FormProblems problems={problems} fields={['login', 'name', 'owner']} />
      {organizations.length === 0 ? (
        <Blankslate icon="organization" title="There are no organizations" />
      ) : (
        <ul class="Box entries" aria-label="Organizations">
          {organizations.map((organization) => (
            <li class="Box-row entry" key={organization.id}>
              <div class="entry-main">
                <p>
                  <a href={`${ALL}/${organization.id}`}>
                    <strong>{organization.login}</strong>
                  </a>{' '}
                  {organization.name !== null && <span>{organization.name}</span>}
                </p>
                <p class="muted">
                  since <RelativeTime at={organization.createdAt} show="date" />
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      {next !== null && (
        <nav class="paginate-container" aria-label="Pagination">
          <div class="pagination">
            <a class="next_page" rel="next" href={`${ALL}?since=${next}`}>
              Next
            </a>
          </div>
        </nav>
      )}
      <div class="heading">
        <h2>Make an organization</h2>
      </div>
      <Form action={ALL} autocomplete="off">
        <Field
          name="login"
          label="Organization name"
          value={typed.login}
          problems={problems}
          required
          maxLength={39}
          spellcheck={false}
          autocomplete="off"
        />
        <Field
          name="name"
          label="Display name"
          value={typed.name}
          problems={problems}
          maxLength={255}
          autocomplete="off"
          help="Optional."
        />
        <Field
          name="owner"
          label="Owner"
          value={typed.owner}
          problems={problems}
          required
          spellcheck={false}
          autocomplete="off"
          help="The user name of the person who decides for it."
        />
        <button type="submit" class="btn btn-primary">
          Make organization
        </button>
      </Form>
    </>
  );
}

interface OneProps {
  readonly organization: Organization;
  readonly owners: readonly Member[];
  /** As typed. */
  readonly login: string;
  readonly problems: readonly Problem[];
}

function One({ organization, owners, login, problems }: OneProps): JSX.Element {
  return (
    <>
      <Heading>{organization.login}</Heading>
      <p>
        {organization.name} since <RelativeTime at={organization.createdAt} show="date" />, owned by{' '}
        {owners.map((owner, index) => (
          <span key={owner.id}>
            {index > 0 && ', '}
            <a href={`/admin/people/${owner.id}`}>{owner.login}</a>
          </span>
        ))}
      </p>
      <p>
        <a href={organizationPath(organization)}>Its page</a> ·{' '}
        <a href={`/admin/audit-log?q=${encodeURIComponent(`org:${organization.login}`)}`}>Its events</a> ·{' '}
        <a href={ALL}>All organizations</a>
      </p>
      <FormProblems problems={problems} fields={['login']} />
      <h2 class="settings-heading">Another name</h2>
      <p>Addresses with the present name end: clones need the new one.</p>
      <Form action={`${ALL}/${organization.id}/rename`} autocomplete="off">
        <Field
          name="login"
          label="Organization name"
          value={login}
          autocomplete="off"
          spellcheck={false}
          problems={problems}
          required
        />
        <button type="submit" class="btn">
          Rename
        </button>
      </Form>
    </>
  );
}
