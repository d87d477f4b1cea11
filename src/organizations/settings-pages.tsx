// The settings of an organisation: profile, what members may do, tokens, deletion.
import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import { flash } from '../web/flash.ts';
import { Checkbox, Field, Form, FormProblems, Select } from '../web/form.tsx';
import { type FormFields, textOf } from '../web/forms.ts';
import { Heading } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { settingsPath } from './addresses.ts';
import { organizationInPath } from './finding.ts';
import { renderOrganizationPage } from './frame.tsx';
import {
  basePermissions,
  deleteOrganization,
  type Organization,
  type OrganizationFound,
  type OrganizationUpdate,
  renameOrganization,
  updateOrganization,
} from './organizations.ts';

type SettingsCall = Call<OrganizationFound, RouteSchema>;

interface Filled {
  readonly login?: string;
  readonly name?: string;
  readonly description?: string;
  readonly confirmation?: string;
  readonly problems?: readonly Problem[];
}

export function organizationSettingsPages(routes: GuardedRoutes, ctx: Context): void {
  const target = organizationInPath(ctx);
  const url = '/organizations/:org/settings';

  const send = (call: SettingsCall, filled: Filled = {}): FastifyReply =>
    renderOrganizationPage(
      call,
      call.target,
      { title: 'Settings', tab: 'settings', ...(filled.problems === undefined ? {} : { status: 422 }) },
      <Settings organization={call.target.organization} filled={filled} />,
    );

  routes.route({
    method: 'GET',
    url,
    action: 'organizations.update',
    target,
    handler: (call: SettingsCall) => send(call),
  });

  /** A form that changes something and comes back here. */
  const form = (path: string, changeIn: (fields: FormFields) => OrganizationUpdate): void =>
    routes.route({
      method: 'POST',
      url: `${url}${path}`,
      action: 'organizations.update',
      target,
      handler: async (call: SettingsCall) => {
        const change = changeIn(submitted(call.request));
        const outcome = await updateOrganization(call.ctx, call.target.organizationId, change);
        if (!outcome.ok) {
          const { name, description } = change;
          return send(call, { name: name ?? '', description: description ?? '', problems: outcome.problems });
        }
        flash(call.reply, 'success', 'Settings saved.');
        return call.reply.redirect(settingsPath(outcome.value), 303);
      },
    });
  form('', (fields) => ({ name: textOf(fields, 'name'), description: textOf(fields, 'description') }));
  routes.route({
    method: 'POST',
    url: `${url}/rename`,
    action: 'organizations.update',
    target,
    handler: async (call: SettingsCall) => {
      const login = textOf(submitted(call.request), 'login').trim();
      const outcome = await renameOrganization(call.ctx, call.target.organizationId, login);
      if (!outcome.ok) return send(call, { login, problems: outcome.problems });
      flash(call.reply, 'success', `The organization is called ${outcome.value.login} now.`);
      return call.reply.redirect(settingsPath(outcome.value), 303);
    },
  });
  form('/members', (fields) => {
    const asked = basePermissions.find((each) => each === textOf(fields, 'base_permission'));
    return {
      ...(asked === undefined ? {} : { basePermission: asked }),
      membersMayCreate: textOf(fields, 'members_may_create') === '1',
    };
  });
  form('/tokens', (fields) => ({ allowsClassicTokens: textOf(fields, 'allows_classic_tokens') === '1' }));

  routes.route({
    method: 'POST',
    url: `${url}/delete`,
    action: 'organizations.delete',
    target,
    handler: async (call: SettingsCall) => {
      const { login, id } = call.target.organization;
      const confirmation = textOf(submitted(call.request), 'confirmation').trim();
      if (confirmation.toLowerCase() !== login.toLowerCase()) {
        const message = `Type ${login} to confirm.`;
        return send(call, {
          confirmation,
          problems: [{ field: 'confirmation', code: 'invalid', message }],
        });
      }
      const outcome = await deleteOrganization(call.ctx, id);
      if (!outcome.ok) return send(call, { confirmation, problems: outcome.problems });
      flash(call.reply, 'success', `Deleted ${login}.`);
      return call.reply.redirect('/settings/organizations', 303);
    },
  });
}

interface SettingsProps {
  readonly organization: Organization;
  readonly filled: Filled;
}

function Settings({ organization, filled }: SettingsProps): JSX.Element {
  const { problems } = filled;
  const at = settingsPath(organization);
  return (
    <div class="repo-settings">
      <Heading
        actions={
          <>
            <a class="btn" href={`${at}/applications`}>
              OAuth Apps
            </a>
            <a class="btn" href={`${at}/audit-log`}>
              Audit log
            </a>
          </>
        }
      >
        Settings
      </Heading>
      <FormProblems problems={problems} fields={['login', 'name', 'description', 'confirmation']} />
      <section aria-labelledby="profile">
        <h2 id="profile" class="sr-only">
          Profile
        </h2>
        <Form action={at} label="Profile">
          <Field
            name="name"
            label="Display name"
            value={filled.name ?? organization.name ?? ''}
            problems={problems}
            autocomplete="off"
          />
          <Field
            name="description"
            label="Description"
            value={filled.description ?? organization.description ?? ''}
            problems={problems}
            autocomplete="off"
          />
          <button type="submit" class="btn btn-primary">
            Save profile
          </button>
        </Form>
      </section>
      <Members organization={organization} />
      <Tokens organization={organization} />
      <Deletion organization={organization} filled={filled} />
    </div>
  );
}

function Members({ organization }: { readonly organization: Organization }): JSX.Element {
  return (
    <section aria-labelledby="members">
      <div class="heading">
        <h2 id="members">What members may do</h2>
      </div>
      <Form action={`${settingsPath(organization)}/members`} label="What members may do">
        <Select
          name="base_permission"
          label="In every repository of the organization"
          value={organization.basePermission}
          options={[
            { value: 'none', label: 'Nothing: teams and owners give access' },
            { value: 'read', label: 'Read: clone and pull' },
            { value: 'write', label: 'Write: push, too' },
            { value: 'admin', label: 'Admin: settings, collaborators and deletion, too' },
          ]}
          help="Teams and collaborations can give single members more, never less."
        />
        <Checkbox
          name="members_may_create"
          label="Members may create repositories"
          checked={organization.membersMayCreate}
          help="Owners always may."
        />
        <button type="submit" class="btn">
          Save
        </button>
      </Form>
    </section>
  );
}

function Tokens({ organization }: { readonly organization: Organization }): JSX.Element {
  return (
    <section aria-labelledby="tokens">
      <div class="heading">
        <h2 id="tokens">Personal access tokens</h2>
      </div>
      <Form action={`${settingsPath(organization)}/tokens`} label="Personal access tokens">
        <Checkbox
          name="allows_classic_tokens"
          label="Let personal access tokens (classic) in"
          checked={organization.allowsClassicTokens}
          help="Otherwise git and the API refuse them for all of the organization but what is public, whoever owns them. SSH keys go on working, and so do people who are signed in here."
        />
        <button type="submit" class="btn">
          Save
        </button>
      </Form>
    </section>
  );
}

function Deletion({ organization, filled }: SettingsProps): JSX.Element {
  const isOpen = filled.confirmation !== undefined;
  return (
    <section aria-labelledby="danger">
      <div class="heading">
        <h2 id="danger">Danger zone</h2>
      </div>
      <ul class="Box Box-list danger-zone">
        <li class="Box-row">
          <div>
            <strong>Rename this organization</strong>
            <p class="muted">Addresses with the present name end: clones need the new one.</p>
          </div>
          <details class="delete-form" open={filled.login !== undefined}>
            <summary class="btn btn-danger">Rename this organization</summary>
            <Form action={`${settingsPath(organization)}/rename`} autocomplete="off">
              <Field
                name="login"
                label="New organization name"
                value={filled.login ?? organization.login}
                problems={filled.problems}
                required
                spellcheck={false}
                autocomplete="off"
              />
              <button type="submit" class="btn btn-danger">
                I understand, rename it
              </button>
            </Form>
          </details>
        </li>
        <li class="Box-row">
          <div>
            <strong>Delete this organization</strong>
            <p class="muted">Its teams and memberships go. Delete or transfer its repositories before.</p>
          </div>
          <details class="delete-form" open={isOpen}>
            <summary class="btn btn-danger">Delete this organization</summary>
            <Form action={`${settingsPath(organization)}/delete`} autocomplete="off">
              <Field
                name="confirmation"
                label={`To confirm, type ${organization.login}`}
                value={filled.confirmation ?? ''}
                problems={filled.problems}
                required
                spellcheck={false}
                autocomplete="off"
              />
              <button type="submit" class="btn btn-danger">
                I understand, delete this organization
              </button>
            </Form>
          </details>
        </li>
      </ul>
    </section>
  );
}
