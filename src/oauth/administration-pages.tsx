// `/admin/applications`: every application of the instance, for site admins, with a switch: one that is off gets no
// tokens, and those that it has are refused until it is on again (ghes-spec 8.3).
import type { JSX } from 'preact';
import type { GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { flash } from '../web/flash.ts';
import { Form } from '../web/form.tsx';
import { renderPage } from '../web/page.tsx';
import { Dialog, Heading, Label, RelativeTime } from '../web/parts.tsx';
import { type Application, allApplications, findApplication, setApplicationEnabled } from './applications.ts';
import { countAllAuthorizations } from './authorizations.ts';
import { OwnerWords } from './consent-view.tsx';

const LIST = '/admin/applications';

export function administrationOfApplications(routes: GuardedRoutes, ctx: Context): void {
  routes.route({
    method: 'GET',
    url: LIST,
    action: 'all-applications.list',
    target: () => instance,
    handler: async (call) => {
      const all = await allApplications(ctx);
      const people = await countAllAuthorizations(ctx);
      return renderPage(
        call,
        { title: 'All applications', settings: 'all-applications' },
        <List applications={all} people={people} />,
      );
    },
  });

  const turn = (to: 'enable' | 'disable'): void =>
    routes.route({
      method: 'POST',
      url: `${LIST}/:id/${to}`,
      action: 'all-applications.switch',
      target: () => instance,
      handler: async (call) => {
        const { id } = call.request.params as { readonly id: string };
        const application = /^[1-9]\d{0,14}$/.test(id) ? await findApplication(ctx, Number(id)) : null;
        if (application === null) return call.refuse({ because: 'invisible' });
        const enabled = to === 'enable';
        if (application.enabled !== enabled) await setApplicationEnabled(call.ctx, application, enabled);
        flash(call.reply, 'success', `“${application.name}” is ${enabled ? 'on again' : 'off'}.`);
        return call.reply.redirect(LIST, 303);
      },
    });
  turn('enable');
  turn('disable');
}

function List(props: {
  readonly applications: readonly Application[];
  /** How many people let it act for them, by its id. */
  readonly people: ReadonlyMap<number, number>;
}): JSX.Element {
  return (
    <>
      <Heading>All applications</Heading>
      <p class="intro">
        Every OAuth application that people can authorize: those that this server has known from the start,
        and those that people and organizations have registered. One that is off gets no tokens, and those
        that it has are refused until it is on again.
      </p>
      <ul class="Box entries" aria-label="Applications">
        {props.applications.map((application) => (
          <Row
            key={application.id}
            application={application}
            people={props.people.get(application.id) ?? 0}
          />
        ))}
      </ul>
    </>
  );
}

function actsFor(people: number): string {
  if (people === 0) return 'nobody lets it act for them';
  return people === 1 ? 'one person lets it act for them' : `${people} people let it act for them`;
}

function Row({ application, people }: { readonly application: Application; readonly people: number }) {
  const { id, name, clientId, enabled, isPublic, owner, createdAt } = application;
  return (
    <li class="Box-row entry">
      <div class="entry-main">
        <p id={`application-${id}`}>
          <strong>{name}</strong> {!enabled && <Label look="danger">Off</Label>}{' '}
          {isPublic && <Label>Public client</Label>}
        </p>
        <p class="muted">
          <code>{clientId}</code> · <OwnerWords application={application} />
          {owner !== null && (
            <>
              {' '}
              <RelativeTime at={createdAt} show="date" />
            </>
          )}
          {' · '}
          {actsFor(people)}
        </p>
      </div>
      {enabled ? (
        <Dialog
          id={`disable-${id}`}
          title={`Switch ${name} off?`}
          opener="Switch off"
          openerClass="btn btn-danger btn-sm"
          openerDescribedBy={`application-${id}`}
        >
          <p>
            Its tokens are refused at once, what runs by them ends, and nobody can authorize it. Nothing is
            deleted: when it is on again, its tokens work as before. Keys that it made stay; people delete
            them by revoking it.
          </p>
          <Form action={`${LIST}/${id}/disable`}>
            <button type="submit" class="btn btn-danger">
              I understand, switch it off
            </button>
          </Form>
        </Dialog>
      ) : (
        <Form action={`${LIST}/${id}/enable`}>
          <button type="submit" class="btn btn-sm" aria-describedby={`application-${id}`}>
            Switch on
          </button>
        </Form>
      )}
    </li>
  );
}
