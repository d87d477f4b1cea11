// `/settings/developers` and what is below it: people register, change and delete applications of theirs. A client
// secret is shown once, by answering the form itself, as tokens are.
import type { FastifyReply } from 'fastify';
import type { ActionName } from '../access/actions.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { type AccountTarget, selfTarget } from '../access/targets.ts';
import type { Context } from '../context.ts';
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

type OwnCall = Call<AccountTarget, RouteSchema>;

const settings = 'oauth-apps';
const place: Place = {
  list: '/settings/developers',
  form: '/settings/applications/new',
  of: ({ id }) => `/settings/applications/${id}`,
};

export function developerPages(routes: GuardedRoutes, ctx: Context): void {
  type OwnAction = Extract<ActionName, `applications.${string}`>;
  const page = (
    method: 'GET' | 'POST',
    url: string,
    action: OwnAction,
    handler: (call: OwnCall) => unknown,
  ): void => routes.route({ method, url, action, target: selfTarget, handler });

  /** For pages of one application: 404 where it is not the account's own. */
  const ofApplication = (
    method: 'GET' | 'POST',
    below: string,
    action: OwnAction,
    handler: (call: OwnCall, application: Application) => unknown,
  ): void =>
    page(method, `/settings/applications/:id${below}`, action, async (call) => {
      const id = idOf(call, 'id');
      const application = id === null ? null : await findApplication(ctx, id);
      const isOwn = application?.owner?.id === call.target.accountId;
      return application !== null && isOwn
        ? handler(call, application)
        : call.refuse({ because: 'invisible' });
    });

  const sendNew = (call: OwnCall, fields: ApplicationFields, problems: readonly Problem[]): FastifyReply =>
    renderPage(
      call,
      { title: 'New OAuth App', settings, status: problems.length === 0 ? 200 : 422 },
      <NewApplication place={place} fields={fields} problems={problems} />,
    );

  async function sendApplication(
    call: OwnCall,
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
    return renderPage(
      call,
      { title: application.name, settings, status: problems.length === 0 ? 200 : 422 },
      <ApplicationPage
        {...{ application, place, fields, problems, secrets, users }}
        {...(fresh === undefined ? {} : { fresh })}
      />,
    );
  }

  page('GET', place.list, 'applications.list', async (call) =>
    renderPage(
      call,
      { title: 'OAuth Apps', settings },
      <ApplicationList applications={await applicationsOf(ctx, call.target.accountId)} place={place} />,
    ),
  );

  page('GET', place.form, 'applications.write', (call) => sendNew(call, noFields, []));

  page('POST', place.list, 'applications.write', async (call) => {
    if (call.actor.kind !== 'user') return call.refuse({ because: 'session-required' });
    const { id, login } = call.actor.account;
    const fields = readFields(submitted(call.request));
    const made = await registerApplication(call.ctx, { id, login, kind: 'user' }, fields);
    if (!made.ok) return sendNew(call, fields, made.problems);
    flash(call.reply, 'success', `Registered “${made.value.name}”.`);
    return call.reply.redirect(place.of(made.value), 303);
  });

  ofApplication('GET', '', 'applications.list', (call, application) => sendApplication(call, application));

  ofApplication('POST', '', 'applications.write', async (call, application) => {
    const fields = readFields(submitted(call.request));
    const changed = await updateApplication(call.ctx, application, fields);
    if (!changed.ok) return sendApplication(call, application, { fields, problems: changed.problems });
    flash(call.reply, 'success', `Updated “${changed.value.name}”.`);
    return call.reply.redirect(place.of(application), 303);
  });

  ofApplication('POST', '/secrets', 'applications.write', async (call, application) => {
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

  ofApplication('POST', '/secrets/:secret_id/delete', 'applications.write', async (call, application) => {
    const id = idOf(call, 'secret_id');
    if (id === null || !(await removeClientSecret(call.ctx, application, id)))
      return call.refuse({ because: 'invisible' });
    flash(call.reply, 'success', 'Deleted the client secret.');
    return call.reply.redirect(place.of(application), 303);
  });

  ofApplication('POST', '/revoke-all', 'applications.write', async (call, application) => {
    const count = await revokeAllTokens(call.ctx, application);
    const whose = count === 1 ? 'one person' : `${count} people`;
    flash(call.reply, 'success', `Revoked what ${whose} let “${application.name}” do.`);
    return call.reply.redirect(place.of(application), 303);
  });

  ofApplication('POST', '/delete', 'applications.write', async (call, application) => {
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
function idOf(call: OwnCall, name: string): number | null {
  const text = (call.request.params as Readonly<Record<string, string>>)[name] ?? '';
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
