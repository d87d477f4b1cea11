// `/login/device`: where a person types the letters that a program without a browser shows, and says what it may do
// (ghes-spec 8.2). Somebody else may have begun it and be waiting (RFC 8628 §5.4), so nothing is filled in by an address,
// the person is told what they are about to do, and the letters can't be guessed through.
import type { FastifyReply } from 'fastify';
import type { JSX } from 'preact';
import { createCounters } from '../access/counters.ts';
import type { Call, GuardedRoutes, RouteSchema } from '../access/guard.ts';
import { selfTarget } from '../access/targets.ts';
import { tooManyTries } from '../accounts/sign-in.ts';
import { beginTry } from '../accounts/throttle.ts';
import type { Context } from '../context.ts';
import type { Problem } from '../problems.ts';
import type { Secret } from '../secrets/secret.ts';
import { Field, Form } from '../web/form.tsx';
import { textOf } from '../web/forms.ts';
import { renderPage } from '../web/page.tsx';
import { usePage } from '../web/page-context.ts';
import { Heading, Notice } from '../web/parts.tsx';
import { submitted } from '../web/visit.ts';
import { OwnerWords, ScopeChoice, scopesGranted } from './consent-view.tsx';
import { approveDevice, denyDevice, findPendingDevice, type PendingDevice, readUserCode } from './device.ts';

const DEVICE = '/login/device';
const ANSWER = `${DEVICE}/authorize`;
/**
 * Of codes that were right, for one application within an hour (ghes-spec 8.2); counted for each person, so that nobody
 * uses up what all who sign in with gh share.
 */
const ENTERED_PER_HOUR = 50;
const MAX_COUNTED = 10_000;

const wrongCode: Problem = {
  field: 'user_code',
  code: 'invalid',
  message: 'No program is waiting for this code. It may have expired: let the program show a new one.',
};

export function devicePages(routes: GuardedRoutes, ctx: Context): void {
  const entered = createCounters({ now: ctx.now, windowMs: 60 * 60_000, maxNames: MAX_COUNTED });
  type PersonsCall = Call<unknown, RouteSchema>;

  const askCode = (call: PersonsCall, status: number, problems: readonly Problem[] = [], typed = '') =>
    renderPage(
      call,
      { title: 'Device activation', status, width: 'narrow' },
      <EnterCode problems={problems} typed={typed} />,
    );

  routes.route({
    method: 'GET',
    url: DEVICE,
    action: 'device-codes.enter',
    target: selfTarget,
    handler: (call) => askCode(call, 200),
  });

  /** The device that was typed; or the page that says why there is none. */
  async function deviceTyped(
    call: PersonsCall,
  ): Promise<
    { readonly userCode: Secret; readonly device: PendingDevice } | { readonly page: FastifyReply }
  > {
    const typed = textOf(submitted(call.request), 'user_code').slice(0, 100);
    const refuse = (status: number, problem: Problem) => ({ page: askCode(call, status, [problem], typed) });
    const { account } = call.actor.kind === 'user' ? call.actor : { account: { id: 0 } };
    const guess = await beginTry(ctx, { at: `device code by ${account.id}`, address: call.request.ip });
    if (!guess.allowed) {
      call.reply.header('retry-after', String(Math.ceil(guess.retryAfterMs / 1000)));
      return refuse(429, { ...wrongCode, message: tooManyTries(guess.retryAfterMs) });
    }
    const userCode = readUserCode(typed);
    const device = userCode === null ? null : await findPendingDevice(ctx, userCode);
    if (userCode === null || device === null) return refuse(422, wrongCode);
    await guess.succeeded();
    return { userCode, device };
  }

  routes.route({
    method: 'POST',
    url: DEVICE,
    action: 'device-codes.enter',
    target: selfTarget,
    async handler(call) {
      const found = await deviceTyped(call);
      if ('page' in found) return found.page;
      const { device, userCode } = found;
      const { application, scopes } = device;
      if (entered.add(`${call.target.accountId} ${application.id}`, 1).used > ENTERED_PER_HOUR) {
        const message = `You entered too many codes of ${application.name} within the hour. Try again later.`;
        return askCode(call, 429, [{ ...wrongCode, message }]);
      }
      return renderPage(
        call,
        { title: `Authorize ${application.name}`, width: 'narrow' },
        <DeviceConsent application={application} scopes={scopes} userCode={userCode.expose()} />,
      );
    },
  });

  routes.route({
    method: 'POST',
    url: ANSWER,
    action: 'oauth-authorizations.create',
    target: selfTarget,
    async handler(call) {
      if (call.actor.kind !== 'user') return call.refuse({ because: 'session-required' });
      const { id, login } = call.actor.account;
      const found = await deviceTyped(call);
      if ('page' in found) return found.page;
      const { device, userCode } = found;
      const fields = submitted(call.request);
      const isApproved = textOf(fields, 'answer') === 'authorize';
      const scopes = scopesGranted(fields, device.scopes);
      const isDone = isApproved
        ? await approveDevice(call.ctx, { id, login }, userCode, { ...device, scopes })
        : await denyDevice(ctx, id, userCode);
      if (!isDone) return askCode(call, 422, [wrongCode]);
      return renderPage(
        call,
        { title: isApproved ? 'Your device is connected' : 'Nothing was allowed', width: 'narrow' },
        <Answered name={device.application.name} isApproved={isApproved} />,
      );
    },
  });
}

function EnterCode(props: { readonly problems: readonly Problem[]; readonly typed: string }): JSX.Element {
  const { problems, typed } = props;
  return (
    <>
      <Heading>Device activation</Heading>
      <p>
        The program that you want to sign in to shows a code of eight letters, on another screen or in a
        terminal.
      </p>
      <Notice kind="warn">
        Enter only a code that you have just asked for yourself. Nobody who is honest sends you one: whoever
        does would act for your account.
      </Notice>
      <Form action={DEVICE} label="Device activation">
        <Field
          name="user_code"
          label="Code"
          help="Such as WDJB-MJHT. Upper or lower case, with or without the dash."
          value={typed}
          problems={problems}
          autocomplete="off"
          autofocus
          spellcheck={false}
          maxLength={40}
        />
        <div class="form-buttons">
          <button type="submit" class="btn btn-primary">
            Continue
          </button>
        </div>
      </Form>
    </>
  );
}

function DeviceConsent(props: PendingDevice & { readonly userCode: string }): JSX.Element {
  const { application, scopes, userCode } = props;
  const { account } = usePage();
  return (
    <>
      <Heading>Authorize {application.name}</Heading>
      <p>
        <strong>{application.name}</strong>, <OwnerWords application={application} />, asks to act for your
        account <strong>{account?.login}</strong> on another screen, or in a terminal.
      </p>
      <Notice kind="warn">
        Go on only if you started this on a device of your own, a moment ago, and it shows{' '}
        <strong>
          {userCode.slice(0, 4)}-{userCode.slice(4)}
        </strong>
        .
      </Notice>
      <Form action={ANSWER} label={`Authorize ${application.name}`}>
        <input type="hidden" name="user_code" value={userCode} />
        <ScopeChoice scopes={scopes} before={null} />
        <p class="muted">
          What you allow lasts until you revoke it, and never goes beyond what you can do yourself.
        </p>
        <div class="form-buttons">
          <button type="submit" name="answer" value="authorize" class="btn btn-primary">
            Authorize {application.name}
          </button>
          <button type="submit" name="answer" value="cancel" class="btn">
            Cancel
          </button>
        </div>
      </Form>
    </>
  );
}

function Answered(props: { readonly name: string; readonly isApproved: boolean }): JSX.Element {
  const { name, isApproved } = props;
  return isApproved ? (
    <>
      <Heading>Your device is connected</Heading>
      <p>
        <strong>{name}</strong> goes on by itself within seconds: you can go back to it.
      </p>
      <p>
        What applications may do stands in your <a href="/settings/applications">settings</a>, where you can
        revoke it.
      </p>
    </>
  ) : (
    <>
      <Heading>Nothing was allowed</Heading>
      <p>
        <strong>{name}</strong> is told that you refused, and the code is dead.
      </p>
    </>
  );
}
