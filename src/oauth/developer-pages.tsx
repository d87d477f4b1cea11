// People, and owners of organisations, register, change and delete applications of theirs. A client
// secret is shown once, by answering the form itself, as tokens are.
import type { FastifyReply } from 'fastify';
import type { VNode } from 'preact';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { settingsPath } from '../organizations/addresses.ts';
import { organizationInPath } from '../organizations/finding.ts';
import { renderOrganizationPage } from '../organizations/frame.tsx';
import type { OrganizationFound } from '../organizations/organizations.ts';
import type { Problem } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { flash } from '../web/flash.ts';
import { type FormFields, textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { submitted } from '../web/visit.ts';
import {
  type Application,
  type ApplicationFields,
  applicationsOf,
  clientSecretsOf,
  deleteApplication,
  findApplication,
  generateClientSecret,
  registerApplication,
  removeClientSecret,
  revokeAllTokens,
  updateApplication,
} from './applications.ts';
import { countAuthorizations } from './authorizations.ts';
import { ApplicationList, ApplicationPage, NewApplication, type Place } from './developer-view.tsx';

/** Whose applications, and where their pages are. */
interface Of<T> {
  /** The addresses as the router has them. */
  readonly urls: { readonly list: string; readonly form: string; readonly one: string };
  readonly place: (call: PlaceCall<T>) => Place;
  readonly ownerOf: (call: PlaceCall<T>) => Owner;
  /** Puts a page into its frame. */
  readonly render: (
    call: PlaceCall<T>,
    head: { readonly title: string; readonly status: number },
    body: VNode,
  ) => FastifyReply;
  /** Registers a route: to look, or to change something. */
  readonly route: (
    method: 'GET' | 'POST',
    url: string,
    what: 'look' | 'change',
    handler: (call: PlaceCall<T>) => unknown,
  ) => void;
}

type PlaceCall<T> = Call<T, RouteSchema>;
type Owner = NonNullable<Application['owner']>;

/** `/settings/developers`, and the same for an organisation below its settings. */
export function developerPages(routes: GuardedRoutes, ctx: Context): void {
  const own: Place = {
    list: '/settings/developers',
    form: '/settings/applications/new',
    of: ({ id }) => `/settings/applications/${id}`,
  };
  applicationPages<AccountTarget>(ctx, {
    urls: { list: own.list, form: own.form, one: '/settings/applications/:id' },
    place: () => own,
    ownerOf: ({ actor, target }) => {
      if (actor.kind !== 'user' || actor.account.id !== target.accountId)
        throw new Error('nobody is signed in');
      return { id: actor.account.id, login: actor.account.login, kind: 'user' };
    },
    render: (call, head, body) => renderPage(call, { ...head, settings: 'oauth-apps' }, body),
    route: (method, url, what, handler) => {
      const action = what === 'look' ? 'applications.list' : 'applications.write';
      routes.route({ method, url, action, target: selfTarget, handler });
    },
  });

  const base = '/organizations/:org/settings/applications';
  const target = organizationInPath(ctx);
  applicationPages<OrganizationFound>(ctx, {
    urls: { list: base, form: `${base}/new`, one: `${base}/:id` },
    place: (call) => {
      const list = `${settingsPath(call.target.organization)}/applications`;
      return { list, form: `${list}/new`, of: ({ id }) => `${list}/${id}` };
    },
    ownerOf: (call) => {
      const { id, login } = call.target.organization;
      return { id, login, kind: 'organization' };
    },
    render: (call, head, body) =>
      renderOrganizationPage(call, call.target, { ...head, tab: 'settings' }, body),
    route: (method, url, what, handler) => {
      const action = what === 'look' ? 'organization-applications.list' : 'organization-applications.write';
      routes.route({ method, url, action, target, handler });
    },
  });
}

function applicationPages<T>(ctx: Context, of: Of<T>): void {
  const { urls, ownerOf, route } = of;

  /** For pages of one application: 404 where it is not this owner's. */
  const ofApplication = (
    method: 'GET' | 'POST',
    below: string,
    what: 'look' | 'change',
    handler: (call: PlaceCall<T>, application: Application, place: Place) => unknown,
  ): void =>
    route(method, `${urls.one}${below}`, what, async (call) => {
      const id = idOf(call, 'id');
      const application = id === null ? null : await findApplication(ctx, id);
      const isOwn = application?.owner?.id === ownerOf(call).id;
      return application !== null && isOwn
        ? handler(call, application, of.place(call))
        : call.refuse({ because: 'invisible' });
    });

  const sendNew = (
    call: PlaceCall<T>,
    fields: ApplicationFields,
    problems: readonly Problem[],
  ): FastifyReply =>
    of.render(
      call,
      { title: 'New OAuth App', status: problems.length === 0 ? 200 : 422 },
      <NewApplication place={of.place(call)} fields={fields} problems={problems} />,
    );

  async function sendApplication(
    call: PlaceCall<T>,
    application: Application,
    more: {
      readonly fields?: ApplicationFields;
      readonly problems?: readonly Problem[];
      readonly fresh?: Secret;
    } = {},
  ): Promise<FastifyReply> {
    const { fields = fieldsOf(application), problems = [], fresh } = more;
    const secrets = await clientSecretsOf(ctx, application);
    const users = await countAuthorizations(ctx, application.id);
    return of.render(
      call,
      { title: application.name, status: problems.length === 0 ? 200 : 422 },
      <ApplicationPage
        {...{ application, fields, problems, secrets, users }}
        place={of.place(call)}
        {...(fresh === undefined ? {} : { fresh })}
      />,
    );
  }

  route('GET', urls.list, 'look', async (call) => {
    const applications = await applicationsOf(ctx, ownerOf(call).id);
    return of.render(
      call,
      { title: 'OAuth Apps', status: 200 },
      <ApplicationList applications={applications} place={of.place(call)} />,
    );
  });

  route('GET', urls.form, 'change', (call) => sendNew(call, noFields, []));

  route('POST', urls.list, 'change', async (call) => {
    const fields = readFields(submitted(call.request));
    const made = await registerApplication(call.ctx, ownerOf(call), fields);
    if (!made.ok) return sendNew(call, fields, made.problems);
    flash(call.reply, 'success', `Registered “${made.value.name}”.`);
    return call.reply.redirect(of.place(call).of(made.value), 303);
  });

  ofApplication('GET', '', 'look', (call, application) => sendApplication(call, application));

  ofApplication('POST', '', 'change', async (call, application, place) => {
    const fields = readFields(submitted(call.request));
    const changed = await updateApplication(call.ctx, application, fields);
    if (!changed.ok) return sendApplication(call, application, { fields, problems: changed.problems });
    flash(call.reply, 'success', `Updated “${changed.value.name}”.`);
    return call.reply.redirect(place.of(application), 303);
  });

  ofApplication('POST', '/secrets', 'change', async (call, application, place) => {
    const [newest] = await clientSecretsOf(ctx, application);
    if (textOf(submitted(call.request), 'newest') !== String(newest?.id ?? 0)) {
      flash(
        call.reply,
        'warn',
        'A client secret was made since that page was opened. No other was made now.',
      );
      return call.reply.redirect(place.of(application), 303);
    }
    const made = await generateClientSecret(call.ctx, application);
    return sendApplication(call, application, made.ok ? { fresh: made.value } : { problems: made.problems });
  });

  ofApplication('POST', '/secrets/:secret_id/delete', 'change', async (call, application, place) => {
    const id = idOf(call, 'secret_id');
    if (id === null || !(await removeClientSecret(call.ctx, application, id)))
      return call.refuse({ because: 'invisible' });
    flash(call.reply, 'success', 'Deleted the client secret.');
    return call.reply.redirect(place.of(application), 303);
  });

  ofApplication('POST', '/revoke-all', 'change', async (call, application, place) => {
    const count = await revokeAllTokens(call.ctx, application);
    const whose = count === 1 ? 'one person' : `${count} people`;
    flash(call.reply, 'success', `Revoked what ${whose} let “${application.name}” do.`);
    return call.reply.redirect(place.of(application), 303);
  });

  ofApplication('POST', '/delete', 'change', async (call, application, place) => {
    await deleteApplication(call.ctx, application);
    flash(call.reply, 'success', `Deleted “${application.name}”.`);
    return call.reply.redirect(place.list, 303);
  });
}

const noFields: ApplicationFields = {
  name: '',
  url: '',
  description: '',
  callbackUrl: '',
  deviceFlow: false,
  isPublic: false,
};

function readFields(fields: FormFields): ApplicationFields {
  return {
    name: textOf(fields, 'name'),
    url: textOf(fields, 'url'),
    description: textOf(fields, 'description'),
    callbackUrl: textOf(fields, 'callback_url'),
    deviceFlow: textOf(fields, 'device_flow') !== '',
    isPublic: textOf(fields, 'is_public') !== '',
  };
}

function fieldsOf(application: Application): ApplicationFields {
  const { name, url, deviceFlow, isPublic } = application;
  return {
    name,
    url,
    description: application.description ?? '',
    callbackUrl: application.callbacks[0],
    deviceFlow,
    isPublic,
  };
}

/** A number in the path; null if it can't be one. */
function idOf(call: Pick<PlaceCall<unknown>, 'request'>, name: string): number | null {
  const text = (call.request.params as Readonly<Record<string, string>>)[name] ?? '';
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
