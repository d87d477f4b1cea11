// What `latchkey doctor` finds out about mail: does the mail server let Latchkey in, and does anything lie about?
import type { Config } from '../config/config.ts';
import type { Context } from '../context.ts';
import { isMailOn } from '../mail/notices.ts';
import { outboxState, tryMailServer } from '../mail/outbox.ts';
import { createMailTransport } from '../mail/transport.ts';
import type { Finding } from './findings.ts';

const HOUR_MS = 60 * 60_000;

/** Connects to the mail server and signs in, and sends nothing. */
export async function lookAtMailServer(config: Config): Promise<Finding | null> {
  const name = 'mail server';
  const transport = createMailTransport({ config });
  if (transport === null) return null;
  const reason = await tryMailServer(transport);
  if (reason === null) return { name, state: 'ok', message: 'it answers, and lets Latchkey in' };
  const mend = 'look at host, port, user and password in LATCHKEY_SMTP_URL, and at the certificate it shows';
  return { name, state: 'wrong', message: reason, mend };
}

/** Mails that wait for long, or were given up. */
export async function lookAtMails(ctx: Context, config: Config): Promise<Finding> {
  const name = 'mails';
  const { waiting, oldestAt, givenUp, lastError } = await outboxState(ctx);
  const why = lastError === null ? '' : `; the last try said: ${lastError}`;
  const mend = 'see "mail server" above, where LATCHKEY_SMTP_URL is set as for the server';
  if (givenUp > 0) {
    return { name, state: 'warning', message: `${givenUp} were given up in the last 30 days${why}`, mend };
  }
  if (waiting > 0 && oldestAt !== null && ctx.now() - oldestAt > HOUR_MS) {
    const message = `${waiting} wait, the oldest since ${new Date(oldestAt).toISOString()}${why}`;
    return { name, state: 'warning', message, mend };
  }
  if (config.smtpUrl === null && (await isMailOn(ctx.db))) {
    const message =
      'the server was started with a mail server, which LATCHKEY_SMTP_URL does not name here: not tried';
    return { name, state: 'ok', message };
  }
  if (config.smtpUrl === null) {
    return { name, state: 'ok', message: 'there is no mail server: notices stand on the pages' };
  }
  return { name, state: 'ok', message: waiting === 0 ? 'none waits' : `${waiting} on their way` };
}
