// The page on which site admins decide for the whole instance, and see how its mails are doing.
import type { JSX } from 'preact';
import type { GuardedRoutes } from '../access/guard.ts';
import { instance } from '../access/targets.ts';
import type { Context } from '../context.ts';
import { type OutboxState, outboxState } from '../mail/outbox.ts';
import type { Problem } from '../problems.ts';
import { flash } from '../web/flash.ts';
import { Checkbox, Field, Form, FormProblems } from '../web/form.tsx';
import { type FormFields, textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { Heading, Notice, RelativeTime } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import {
  changeSettings,
  type InstanceSettings,
  readSettings,
  type SettingName,
  settingNames,
} from './settings.ts';

const PAGE = '/admin/settings';
const head = { title: 'Instance settings', settings: 'instance' } as const;

export function settingsPages(routes: GuardedRoutes, ctx: Context): void {
  const mailOf = async () => ({ isOn: ctx.config.smtpUrl !== null, state: await outboxState(ctx) });

  routes.route({
    method: 'GET',
    url: PAGE,
    action: 'settings.update',
    target: () => instance,
    async handler(call) {
      const form = formOf(await readSettings(ctx));
      return renderPage(call, head, <SettingsPage form={form} mail={await mailOf()} />);
    },
  });

  routes.route({
    method: 'POST',
    url: PAGE,
    action: 'settings.update',
    target: () => instance,
    async handler(call) {
      const form = submittedForm(submitted(call.request), await readSettings(ctx));
      const changed = await changeSettings(call.ctx, settingsOf(form));
      if (!changed.ok) {
        const page = <SettingsPage form={form} mail={await mailOf()} problems={changed.problems} />;
        return renderPage(call, { ...head, status: 422 }, page);
      }
      flash(call.reply, 'success', 'Settings saved. They hold from the next request on.');
      return call.reply.redirect(PAGE, 303);
    },
  });
}

/** The settings as the form has them: texts, by the settings' names. */
type SettingsForm = Readonly<Record<SettingName, string>>;

function formOf(settings: InstanceSettings): SettingsForm {
  return {
    tokenMaxDays: String(settings.tokenMaxDays ?? ''),
    tokenMaxDaysExemptsAdmins: settings.tokenMaxDaysExemptsAdmins ? '1' : '',
    rateLimits: settings.rateLimits ? '1' : '',
    rateLimitPerHour: String(settings.rateLimitPerHour),
    rateLimitAnonymousPerHour: String(settings.rateLimitAnonymousPerHour),
    rateLimitSearchesPerMinute: String(settings.rateLimitSearchesPerMinute),
    hooksToPrivateAddresses: settings.hooksToPrivateAddresses ? '1' : '',
  };
}

/** A box that isn't ticked is not sent; any other field that is not sent stays as it is. */
function submittedForm(fields: FormFields, present: InstanceSettings): SettingsForm {
  const texts = settingNames.map((name) => {
    const stays = fields[name] === undefined && typeof present[name] !== 'boolean';
    return [name, stays ? formOf(present)[name] : textOf(fields, name).trim()] as const;
  });
  return Object.fromEntries(texts) as SettingsForm;
}

function settingsOf(form: SettingsForm): InstanceSettings {
  return {
    tokenMaxDays: form.tokenMaxDays === '' ? null : wholeNumber(form.tokenMaxDays),
    tokenMaxDaysExemptsAdmins: form.tokenMaxDaysExemptsAdmins === '1',
    rateLimits: form.rateLimits === '1',
    rateLimitPerHour: wholeNumber(form.rateLimitPerHour),
    rateLimitAnonymousPerHour: wholeNumber(form.rateLimitAnonymousPerHour),
    rateLimitSearchesPerMinute: wholeNumber(form.rateLimitSearchesPerMinute),
    hooksToPrivateAddresses: form.hooksToPrivateAddresses === '1',
  };
}

/** NaN, which no setting accepts, for what is no whole number. */
function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

const rateFields = [
  ['rateLimitPerHour', 'Requests of a person in an hour'],
  ['rateLimitAnonymousPerHour', 'Requests of an address without a token in an hour'],
  ['rateLimitSearchesPerMinute', 'Searches in a minute'],
] as const satisfies readonly (readonly [SettingName, string])[];

interface MailFacts {
  readonly isOn: boolean;
  readonly state: OutboxState;
}

interface SettingsPageProps {
  readonly form: SettingsForm;
  readonly mail: MailFacts;
  readonly problems?: readonly Problem[];
}

function SettingsPage({ form, mail, problems = [] }: SettingsPageProps): JSX.Element {
  return (
    <>
      <Heading>Instance settings</Heading>
      <p class="intro">What holds for everybody on this server. Changes hold from the next request on.</p>
      <FormProblems problems={problems} fields={settingNames} />
      <Form action={PAGE}>
        <h2 class="settings-heading">Personal access tokens</h2>
        <Field
          name="tokenMaxDays"
          label="Longest life in days"
          value={form.tokenMaxDays}
          inputMode="numeric"
          autocomplete="off"
          problems={problems}
          help="Empty: any. A token that was given longer, or no end, is refused with 403 and the way to its page; it is not deleted, and works again once it is regenerated within the limit or the limit is lifted."
        />
        <Checkbox
          name="tokenMaxDaysExemptsAdmins"
          label="Exempt the tokens of site admins"
          checked={form.tokenMaxDaysExemptsAdmins === '1'}
        />
        <h2 class="settings-heading">Rate of requests to the API</h2>
        <Checkbox
          name="rateLimits"
          label="Limit the rate of requests"
          help="Off, as on GitHub Enterprise Server: nothing is counted, and programs are told that there are no limits."
          checked={form.rateLimits === '1'}
        />
        {rateFields.map(([name, label]) => (
          <Field
            key={name}
            name={name}
            label={label}
            value={form[name]}
            inputMode="numeric"
            autocomplete="off"
            problems={problems}
          />
        ))}
        <h2 class="settings-heading">Webhooks</h2>
        <Checkbox
          name="hooksToPrivateAddresses"
          label="Let webhooks go to private addresses"
          help="Such as those of your own network, and of this machine. Whoever is admin of a repository can then send requests there, and read the answers."
          checked={form.hooksToPrivateAddresses === '1'}
        />
        <button type="submit" class="btn btn-primary">
          Save settings
        </button>
      </Form>
      <h2 class="settings-heading">Mail</h2>
      <MailState {...mail} />
    </>
  );
}

function MailState({ isOn, state }: MailFacts): JSX.Element {
  const { waiting, oldestAt, givenUp, lastError } = state;
  return (
    <>
      <p>
        {isOn
          ? 'Notices are sent by the mail server that LATCHKEY_SMTP_URL names.'
          : 'There is no mail server: notices stand on the pages of those they are for. To send them, start Latchkey with LATCHKEY_SMTP_URL.'}
      </p>
      {waiting > 0 && (
        <p>
          {waiting === 1 ? 'One mail waits' : `${waiting} mails wait`} to be sent
          {oldestAt === null ? (
            ''
          ) : (
            <>
              , the oldest since <RelativeTime at={oldestAt} />
            </>
          )}
          .
        </p>
      )}
      {givenUp > 0 && (
        <Notice kind="warn">
          {givenUp === 1 ? 'One mail was' : `${givenUp} mails were`} given up in the last thirty days
          {lastError === null ? '' : `: ${lastError}`}. <code>latchkey doctor</code> tries the mail server.
        </Notice>
      )}
      {givenUp === 0 && lastError !== null && <Notice kind="warn">The last try failed: {lastError}.</Notice>}
    </>
  );
}
