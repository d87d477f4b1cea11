// Sends what waits in the outbox. A mail is claimed in the database before it is sent and removed after the mail
// server took it, so that each is sent once, however many processes there are and however often they restart. Only a
// process that dies between the two leaves a mail that is sent again when its claim has run out: with the same
// Message-ID and date, by which mail programs know it as the same.
import type { Context } from '../context.ts';
import { checkpoint } from '../process/checkpoint.ts';
import { randomSecret } from '../secrets/secret.ts';
import * as store from './store.ts';
import { createMailTransport, MailError, type Transport } from './transport.ts';

const MINUTE = 60_000;
const DAY_MS = 24 * 60 * MINUTE;

/** How often the server looks whether something waits. */
export const SEND_EVERY_MS = 2_000;
/** Longer than one mail may take; after it, another process may try. */
const CLAIM_MS = 10 * MINUTE;
/** After the first failure, the second, …; the last holds for all others. */
const RETRY_MS = [1, 5, 15, 60, 180].map((minutes) => minutes * MINUTE);
const GIVE_UP_AFTER_MS = 3 * DAY_MS;
/** How long it is told that mails were given up. */
const REMEMBER_GIVEN_UP_MS = 30 * DAY_MS;
/** Sent in one run at most: between runs, the server can stop. */
const PER_RUN = 50;

export interface Outbox {
  /** Sends what is due. Called every `SEND_EVERY_MS`; does nothing where there is no mail server. */
  send(): Promise<void>;
  /** After the mail that is on its way, no other one is begun. */
  close(): void;
}

export function createOutbox(ctx: Context, transport: Transport | null = createMailTransport(ctx)): Outbox {
  const by = randomSecret(ctx.random).expose();
  let closed = false;
  // Where the server itself can't be reached, the other mails need not try in turn.
  let restUntil = 0;
  return {
    async send() {
      if (transport === null || ctx.now() < restUntil) return;
      for (let sent = 0; sent < PER_RUN && !closed; sent++) {
        const now = ctx.now();
        const mail = await store.claimMail(ctx.db, now, { by, until: now + CLAIM_MS });
        if (mail === null) return;
        const reached = await sendOne(ctx, transport, mail, by);
        if (reached) continue;
        restUntil = ctx.now() + MINUTE;
        return;
      }
    },
    close() {
      closed = true;
    },
  };
}

/** @returns whether the mail server could be reached */
async function sendOne(ctx: Context, transport: Transport, mail: store.Mail, by: string): Promise<boolean> {
  if (mail.suspended) {
    await store.removeMail(ctx.db, mail.id, by);
    return true;
  }
  try {
    await transport.send(mail);
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    const now = ctx.now();
    const isOver = !error.worthAnotherTry || now - mail.createdAt >= GIVE_UP_AFTER_MS;
    const wait = RETRY_MS[Math.min(mail.tries, RETRY_MS.length) - 1] ?? MINUTE;
    const outcome = { error: error.message, nextTryAt: now + wait, givenUpAt: isOver ? now : null };
    await store.postponeMail(ctx.db, mail.id, by, outcome);
    const what = { mail: mail.id, tries: mail.tries, reason: error.message };
    if (isOver) ctx.log.error(what, 'a mail could not be sent and was given up');
    else ctx.log.warn(what, 'a mail could not be sent yet');
    return error.reached;
  }
  checkpoint('mail.taken');
  await store.removeMail(ctx.db, mail.id, by);
  return true;
}

/** What was given up is told for thirty days. */
export function forgetGivenUp(ctx: Context): Promise<void> {
  return store.removeGivenUp(ctx.db, ctx.now() - REMEMBER_GIVEN_UP_MS);
}

export type OutboxState = store.OutboxState;

/** For site admins: does anything wait, or was anything given up within thirty days? */
export function outboxState(ctx: Pick<Context, 'db'>): Promise<OutboxState> {
  return store.outboxState(ctx.db);
}

/** Connects to the mail server and signs in. @returns null: all is well; otherwise why not. */
export async function tryMailServer(transport: Transport): Promise<string | null> {
  try {
    await transport.verify();
    return null;
  } catch (error) {
    if (error instanceof MailError) return error.message;
    throw error;
  }
}
