// The site admins' page of one person: another name, the role, the end.
import type { JSX } from 'preact';
import type { ActionName } from '../access/actions.ts';
import { accountId } from '../access/actor.ts';
import type { Call, GuardedRoutes } from '../access/guard.ts';
import { type InstanceTarget, instance } from '../access/targets.ts';
import { type Account, deleteAccount, findAccount } from '../accounts/accounts.ts';
import { renameUser } from '../accounts/administration.ts';
import type { Acting, Context } from '../context.ts';
import type { Outcome, Problem } from '../problems.ts';
import { flash } from '../web/flash.ts';
import { Field, Form, FormProblems } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { Dialog, Heading, Label, RelativeTime } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { demote, promote } from './people.ts';

const PEOPLE = '/settings/people';
const PAGE = '/admin/people';

type PersonCall = Call<InstanceTarget, object>;

export function personPages(routes: GuardedRoutes, ctx: Context): void {
  const page = (
    method: 'GET' | 'POST',
    below: string,
    action: Extract<ActionName, `people.${string}`>,
    handler: (call: PersonCall, account: Account) => unknown,
  ): void =>
    routes.route({
      method,
      url: `${PAGE}/:id${below}`,
      action,
      target: () => instance,
      async handler(call) {
        const { id } = call.request.params as { readonly id: string };
        const account = /^[1-9]\d{0,14}$/.test(id) ? await findAccount(ctx, Number(id)) : null;
        return account === null ? call.refuse({ because: 'invisible' }) : handler(call, account);
      },
    });

  const render = (call: PersonCall, account: Account, more: Partial<PersonProps> = {}) => {
    const own = accountId(call.actor) === account.id;
    const status = more.problems === undefined ? 200 : 422;
    const body = <Person account={account} own={own} login={account.login} {...more} />;
    return renderPage(call, { title: account.login, settings: 'people', status }, body);
  };

  page('GET', '', 'people.list', (call, account) => render(call, account));

  page('POST', '/rename', 'people.update', async (call, account) => {
    const login = textOf(submitted(call.request), 'login').trim();
    const renamed = await renameUser(call.ctx, account.id, login);
    if (!renamed.ok) return render(call, account, { login, problems: renamed.problems });
    flash(call.reply, 'success', `${account.login} is called ${renamed.value.login} now.`);
    return call.reply.redirect(`${PAGE}/${account.id}`, 303);
  });

  const change = (
    below: string,
    action: 'people.promote' | 'people.delete',
    apply: (ctx: Acting, id: number) => Promise<Outcome<Account>>,
    words: (login: string) => string,
    then: (id: number) => string,
  ): void =>
    page('POST', below, action, async (call, account) => {
      if (accountId(call.actor) === account.id) {
        const message = 'You cannot do this to yourself: another site admin can.';
        return render(call, account, { problems: [{ field: 'account', code: 'custom', message }] });
      }
      const outcome = await apply(call.ctx, account.id);
      if (!outcome.ok) {
        const problems = outcome.problems.map((problem) => ({ ...problem, field: 'account' }));
        return render(call, account, { problems });
      }
      flash(call.reply, 'success', words(account.login));
      return call.reply.redirect(then(account.id), 303);
    });
  const here = (id: number) => `${PAGE}/${id}`;
  change('/promote', 'people.promote', promote, (login) => `${login} is a site admin now.`, here);
  change('/demote', 'people.promote', demote, (login) => `${login} is no site admin any more.`, here);
  change(
    '/delete',
    'people.delete',
    deleteAccount,
    (login) => `Deleted ${login}.`,
    () => PEOPLE,
  );
}

interface PersonProps {
  readonly account: Account;
  /** Is it the one who looks? */
  readonly own: boolean;
  /** As typed. */
  readonly login: string;
  readonly problems?: readonly Problem[];
}

function Person({ account, own, login, problems = [] }: PersonProps): JSX.Element {
  const path = `${PAGE}/${account.id}`;
  return (
    <>
      <Heading>{account.login}</Heading>
      <p>
        {account.email}, since <RelativeTime at={account.createdAt} show="date" />{' '}
        {account.siteAdmin && <Label look="accent">Site admin</Label>}{' '}
        {account.suspendedAt !== null && <Label look="danger">Suspended</Label>}
      </p>
      <p>
        <a href={`/admin/tokens?q=${encodeURIComponent(account.login)}`}>Tokens</a> ·{' '}
        <a href={PEOPLE}>All people</a>
      </p>
      <Suspension account={account} own={own} />
      <FormProblems problems={problems} fields={['login']} />
      <h2 class="settings-heading">Another name</h2>
      <p>
        Addresses of the person's repositories by the old name lead to the new one, until somebody takes it.
      </p>
      <Form action={`${path}/rename`} autocomplete="off">
        <Field
          name="login"
          label="Username"
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
      {!own && (
        <>
          <h2 class="settings-heading">Role</h2>
          <p>
            Site admins manage everybody, every token and every key, and decide the settings of the instance.
          </p>
          <Dialog
            id="role"
            title={
              account.siteAdmin
                ? `Make ${account.login} an ordinary person?`
                : `Make ${account.login} a site admin?`
            }
            opener={account.siteAdmin ? 'Demote' : 'Promote to site admin'}
          >
            <p>The change holds from the next request on, for sessions and tokens alike.</p>
            <Form action={`${path}/${account.siteAdmin ? 'demote' : 'promote'}`}>
              <button type="submit" class="btn btn-danger">
                {account.siteAdmin ? 'I understand, demote' : 'I understand, promote'}
              </button>
            </Form>
          </Dialog>
          <h2 class="settings-heading">The end</h2>
          <p>An account that owns repositories can't be deleted: delete or transfer those first.</p>
          <Dialog
            id="delete"
            title={`Delete ${account.login}?`}
            opener="Delete account"
            openerClass="btn btn-danger"
          >
            <p>Sessions, tokens, keys and memberships go with it. This can't be undone.</p>
            <Form action={`${path}/delete`}>
              <button type="submit" class="btn btn-danger">
                I understand, delete this account
              </button>
            </Form>
          </Dialog>
        </>
      )}
    </>
  );
}

/** Since when and why somebody is shut out; or the form that shuts them out. */
function Suspension({ account, own }: Pick<PersonProps, 'account' | 'own'>): JSX.Element | null {
  const path = `${PEOPLE}/${account.id}`;
  if (account.suspendedAt !== null) {
    return (
      <>
        <h2 class="settings-heading">Suspended</h2>
        <p>
          Since <RelativeTime at={account.suspendedAt} show="date" />
          {account.suspensionReason === null ? '; no reason was given.' : ':'}
        </p>
        {account.suspensionReason !== null && (
          <blockquote class="reason">{account.suspensionReason}</blockquote>
        )}
        <Form action={`${path}/unsuspend`}>
          <button type="submit" class="btn">
            Unsuspend
          </button>
        </Form>
      </>
    );
  }
  if (own) return null;
  return (
    <>
      <h2 class="settings-heading">Suspend</h2>
      <p>Sessions end at once, tokens and keys are refused; nothing is deleted.</p>
      <Form action={`${path}/suspend`} autocomplete="off">
        <Field
          name="reason"
          label="Reason"
          maxLength={1000}
          autocomplete="off"
          help="Optional. For the log, where the person finds it too once let in again, and for site admins on this page."
        />
        <button type="submit" class="btn btn-danger">
          Suspend
        </button>
      </Form>
    </>
  );
}
