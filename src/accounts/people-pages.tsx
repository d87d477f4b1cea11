// The site admins' page of all people: inviting, password links, suspending.
import type { JSX } from 'preact';
import type { Call, GuardedRoutes } from '../access/guard.ts';
import { type InstanceTarget, instance } from '../access/targets.ts';
import type { Acting, Context } from '../context.ts';
import type { Outcome, Problem } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { flash } from '../web/flash.ts';
import { Checkbox, Field, Form, FormProblems } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { CopyButton, Dialog, Heading, Label, Notice, Pagination, RelativeTime } from '../web/parts.tsx';
import { submitted, visitOf } from '../web/visit.ts';
import {
  type Account,
  createUser,
  findAccount,
  listAccounts,
  suspendAccount,
  unsuspendAccount,
} from './accounts.ts';
import { freeName, type KeptName, listKeptNames, NAME_KEPT_DAYS } from './kept-names.ts';
import { createPasswordLink } from './links.ts';
import { resetSecondFactors, withSecondFactor } from './second-factors.ts';

const PEOPLE = '/settings/people';
const PER_PAGE = 50;

type PeopleCall = Call<InstanceTarget, object>;

export function peoplePages(routes: GuardedRoutes, ctx: Context): void {
  const render = async (call: PeopleCall, more: Partial<PeopleProps> = {}, status = 200) => {
    const { page: text } = call.request.query as { readonly page?: unknown };
    const page = typeof text === 'string' && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1;
    const { items, total } = await listAccounts(ctx, { page, perPage: PER_PAGE });
    const own = call.actor.kind === 'user' ? call.actor.account.id : 0;
    const pages = Math.max(1, Math.ceil(total / PER_PAGE));
    const twoFactor = await withSecondFactor(
      ctx,
      items.map(({ id }) => id),
    );
    const shown = { people: items, own, page, pages, twoFactor, kept: await listKeptNames(ctx) };
    const body = <People {...shown} {...more} />;
    return renderPage(call, { title: 'People', settings: 'people', status }, body);
  };

  routes.route({
    method: 'GET',
    url: PEOPLE,
    action: 'people.list',
    target: () => instance,
    handler: (call) => render(call),
  });

  routes.route({
    method: 'POST',
    url: PEOPLE,
    action: 'people.create',
    target: () => instance,
    async handler(call) {
      const { fields } = visitOf(call.request);
      const typed = {
        login: textOf(fields, 'login').trim(),
        email: textOf(fields, 'email').trim(),
        siteAdmin: textOf(fields, 'site_admin') === '1',
      };
      if (typed.siteAdmin) {
        const mayPromote = call.ask(call.actor, 'people.promote', call.target);
        if (!mayPromote.allowed) return call.refuse(mayPromote);
      }
      const outcome = await createUser(call.ctx, { ...typed, password: null });
      if (!outcome.ok) return render(call, { typed, problems: outcome.problems }, 422);
      const link = await createPasswordLink(call.ctx, outcome.value.id);
      return render(call, { made: { account: outcome.value, link } }, 201);
    },
  });

  /** The account that a row's button is for. */
  const accountOf = async (call: PeopleCall): Promise<Account | null> => {
    const { id } = call.request.params as { readonly id: string };
    return /^\d{1,15}$/.test(id) ? findAccount(ctx, Number(id)) : null;
  };

  routes.route({
    method: 'POST',
    url: `${PEOPLE}/:id/password-link`,
    action: 'people.reset-password',
    target: () => instance,
    async handler(call) {
      const account = await accountOf(call);
      if (account === null) return call.refuse({ because: 'invisible' });
      return render(call, { made: { account, link: await createPasswordLink(call.ctx, account.id) } }, 201);
    },
  });

  routes.route({
    method: 'POST',
    url: `${PEOPLE}/:id/reset-second-factors`,
    action: 'people.reset-password',
    target: () => instance,
    async handler(call) {
      const account = await accountOf(call);
      if (account === null) return call.refuse({ because: 'invisible' });
      const outcome = await resetSecondFactors(call.ctx, account.id);
      if (!outcome.ok) return render(call, { problems: asAccountProblems(outcome.problems) }, 422);
      const words = `${account.login} signs in by password alone until a new second factor is added.`;
      flash(call.reply, 'success', words);
      return call.reply.redirect(PEOPLE, 303);
    },
  });

  routes.route({
    method: 'POST',
    url: `${PEOPLE}/names/free`,
    action: 'people.update',
    target: () => instance,
    async handler(call) {
      const freed = await freeName(call.ctx, textOf(submitted(call.request), 'login'));
      if (!freed.ok) return render(call, { problems: asAccountProblems(freed.problems) }, 422);
      flash(call.reply, 'success', `Anybody can be called ${freed.value.login} now.`);
      return call.reply.redirect(PEOPLE, 303);
    },
  });

  const changeRoute = (
    path: 'suspend' | 'unsuspend',
    change: (ctx: Acting, id: number, reason: string) => Promise<Outcome<Account>>,
    words: (login: string) => string,
  ) =>
    routes.route({
      method: 'POST',
      url: `${PEOPLE}/:id/${path}`,
      action: 'people.suspend',
      target: () => instance,
      async handler(call) {
        const account = await accountOf(call);
        if (account === null) return call.refuse({ because: 'invisible' });
        if (call.actor.kind === 'user' && call.actor.account.id === account.id) {
          const message = 'You cannot suspend yourself: another site admin can.';
          return render(call, { problems: [{ field: 'account', code: 'custom', message }] }, 422);
        }
        const reason = textOf(submitted(call.request), 'reason');
        const outcome = await change(call.ctx, account.id, reason);
        if (!outcome.ok) return render(call, { problems: asAccountProblems(outcome.problems) }, 422);
        flash(call.reply, 'success', words(account.login));
        return call.reply.redirect(PEOPLE, 303);
      },
    });
  changeRoute(
    'suspend',
    suspendAccount,
    (login) => `${login} is suspended: sessions have ended, tokens are refused.`,
  );
  changeRoute('unsuspend', unsuspendAccount, (login) => `${login} can sign in again.`);
}

/** What is wrong with an account of the list is told above it, not beside the field of the invitation. */
function asAccountProblems(problems: readonly Problem[]): readonly Problem[] {
  return problems.map((problem) => ({ ...problem, field: 'account' }));
}

interface PeopleProps {
  readonly people: readonly Account[];
  /** Who looks at the page. */
  readonly own: number;
  readonly page: number;
  readonly pages: number;
  /** Who has a second factor. */
  readonly twoFactor: ReadonlySet<number>;
  /** Names that are kept for who had them. */
  readonly kept: readonly KeptName[];
  /** A link that was made just now, to be shown this once. */
  readonly made?: { readonly account: Account; readonly link: Secret };
  readonly typed?: { readonly login: string; readonly email: string; readonly siteAdmin: boolean };
  readonly problems?: readonly Problem[];
}

function People(props: PeopleProps): JSX.Element {
  const { people, own, page, pages, made, typed, problems, twoFactor, kept } = props;
  return (
    <>
      <Heading>People</Heading>
      <FormProblems problems={problems} fields={['login', 'email']} />
      {made !== undefined && <NewLink {...made} />}
      <ul class="Box entries">
        {people.map((account) => (
          <Person
            key={account.id}
            account={account}
            own={account.id === own}
            twoFactor={twoFactor.has(account.id)}
          />
        ))}
      </ul>
      <Pagination page={page} pages={pages} href={(number) => `${PEOPLE}?page=${number}`} />
      <div class="heading">
        <h2>Invite somebody</h2>
      </div>
      <p>You get a link, good for an hour, with which the person chooses a password.</p>
      <Form action={PEOPLE} autocomplete="off">
        <Field
          name="login"
          label="Username"
          value={typed?.login ?? ''}
          autocomplete="off"
          spellcheck={false}
          problems={problems}
          required
        />
        <Field
          name="email"
          label="Email address"
          type="email"
          value={typed?.email ?? ''}
          autocomplete="off"
          problems={problems}
          required
        />
        <Checkbox
          name="site_admin"
          label="Site admin"
          help="May invite, suspend and reset everybody, other site admins too."
          checked={typed?.siteAdmin ?? false}
        />
        <button type="submit" class="btn btn-primary">
          Invite
        </button>
      </Form>
      {kept.length > 0 && <KeptNames names={kept} />}
    </>
  );
}

function KeptNames({ names }: { readonly names: readonly KeptName[] }): JSX.Element {
  return (
    <>
      <div class="heading">
        <h2>Names that are kept</h2>
      </div>
      <p>
        After a person or an organization is renamed or deleted, nobody else can have the name for{' '}
        {NAME_KEPT_DAYS} days: they would be sent what is meant for the one before.
      </p>
      <ul class="Box entries">
        {names.map(({ login, until }) => (
          <li key={login} class="entry">
            <p class="entry-main" id={`kept-${login}`}>
              <strong>{login}</strong>{' '}
              <span class="muted">
                until <RelativeTime at={until} show="date" />
              </span>
            </p>
            <Form action={`${PEOPLE}/names/free`}>
              <input type="hidden" name="login" value={login} />
              <button type="submit" class="btn btn-sm" aria-describedby={`kept-${login}`}>
                Free
              </button>
            </Form>
          </li>
        ))}
      </ul>
    </>
  );
}

function NewLink({ account, link }: { readonly account: Account; readonly link: Secret }): JSX.Element {
  return (
    <Notice kind="success">
      <p>
        Give this link to <strong>{account.login}</strong> now: it is shown only once, and sets the account's
        password within the hour.
      </p>
      <p class="one-time-link">
        <code id="one-time-link">{link.expose()}</code>
        <CopyButton from="one-time-link" label="Copy link" />
      </p>
    </Notice>
  );
}

interface PersonProps {
  readonly account: Account;
  readonly own: boolean;
  readonly twoFactor: boolean;
}

function Person({ account, own, twoFactor }: PersonProps): JSX.Element {
  const path = `${PEOPLE}/${account.id}`;
  const titleId = `person-${account.id}`;
  const suspended = account.suspendedAt !== null;
  return (
    <li class="Box-row entry">
      <div class="entry-main">
        <p id={titleId}>
          <a href={`/admin/people/${account.id}`}>
            <strong>{account.login}</strong>
          </a>{' '}
          {account.name !== null && <span>{account.name}</span>}{' '}
          {account.siteAdmin && <Label look="accent">Site admin</Label>}{' '}
          {twoFactor && <Label look="success">Two-factor</Label>}{' '}
          {suspended && <Label look="danger">Suspended</Label>}
        </p>
        <p class="muted">
          {account.email}, since <RelativeTime at={account.createdAt} show="date" />
        </p>
      </div>
      <div class="entry-actions">
        <Form action={`${path}/password-link`}>
          <button type="submit" class="btn" aria-describedby={titleId}>
            Password link
          </button>
        </Form>
        {!own && twoFactor && (
          <Dialog
            id={`reset-${account.id}`}
            title={`Reset the second factors of ${account.login}?`}
            opener="Reset second factors"
            openerDescribedBy={titleId}
          >
            <p>
              For who has lost all of them, recovery codes too. Be sure that it is {account.login} who asks:
              then the password alone signs in, until a new second factor is added. All sessions end.
            </p>
            <Form action={`${path}/reset-second-factors`}>
              <button type="submit" class="btn btn-danger">
                I understand, reset them
              </button>
            </Form>
          </Dialog>
        )}
        {!own && (
          <Form action={`${path}/${suspended ? 'unsuspend' : 'suspend'}`}>
            <button type="submit" class={suspended ? 'btn' : 'btn btn-danger'} aria-describedby={titleId}>
              {suspended ? 'Unsuspend' : 'Suspend'}
            </button>
          </Form>
        )}
      </div>
    </li>
  );
}
