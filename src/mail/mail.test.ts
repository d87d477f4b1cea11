import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext } from '../../test/context.ts';
import { type MailServer, startMailServer } from '../../test/mail-server.ts';
import { Secret } from '../secrets/secret.ts';
import { oneLine } from './letters.ts';
import {
  dismissNotices,
  forgetOldNotices,
  type Notice,
  notify,
  pageNotices,
  rememberMail,
} from './notices.ts';
import { createOutbox, forgetGivenUp, outboxState, tryMailServer } from './outbox.ts';
import { createMailTransport } from './transport.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let ctx: TestContext;
let closers: (() => unknown)[] = [];

beforeEach(() => {
  closers = [];
});
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
});

/** An instance with two people, and this mail server. */
async function begin(smtpUrl: string | null, mailFrom: string | null = null): Promise<void> {
  ctx = await testContext({
    url: 'https://git.example.com',
    smtpUrl: smtpUrl === null ? null : new Secret(smtpUrl),
    mailFrom,
  });
  closers.push(() => ctx.db.destroy());
  const at = ctx.now();
  for (const [id, login] of ['ada', 'bob'].entries()) {
    await ctx.db
      .insertInto('accounts')
      .values({ id: id + 1, kind: 'user', login, login_key: login, created_at: at, updated_at: at })
      .execute();
    const email = { email: `${login}@example.com`, email_key: `${login}@example.com` };
    await ctx.db.updateTable('accounts').set(email).where('login', '=', login).execute();
  }
  await rememberMail(ctx);
}

async function withServer(options: Parameters<typeof startMailServer>[0] = {}): Promise<MailServer> {
  const server = await startMailServer(options);
  closers.push(() => server[Symbol.asyncDispose]());
  await begin(server.url);
  return server;
}

const tell = (more: Partial<Notice> = {}) =>
  ctx.db.transaction().execute((db) =>
    notify(ctx, db, {
      accountId: 1,
      subject: 'A key was added',
      text: 'A key was added to your account.',
      path: '/settings/keys',
      ...more,
    }),
  );
const send = (times = 1) => {
  const outbox = createOutbox(ctx);
  return Array.from({ length: times }).reduce<Promise<void>>(
    (before) => before.then(() => outbox.send()),
    Promise.resolve(),
  );
};

describe('a notice', () => {
  it('comes as one mail, in plain text, that no program answers', async () => {
    const server = await withServer();
    await tell({
      facts: [
        ['Title', 'laptop'],
        ['By', 'ada'],
      ],
      advice: 'If this was not you, delete the key.',
    });
    await send(2);
    expect(server.mails).toHaveLength(1);
    const [mail] = server.mails;
    expect(mail).toMatchObject({ from: 'latchkey@git.example.com', to: ['ada@example.com'] });
    expect(mail?.subject).toBe('[git.example.com] A key was added');
    expect(mail?.text).toContain(
      'Hello ada,\n\nA key was added to your account.\n\n  Title: laptop\n  By:    ada',
    );
    expect(mail?.text).toContain('https://git.example.com/settings/keys');
    expect(Object.fromEntries(mail?.headers ?? [])).toMatchObject({
      from: 'Latchkey <latchkey@git.example.com>',
      to: 'ada@example.com',
      'auto-submitted': 'auto-generated',
      'list-id': '"Latchkey on git.example.com" <notices.git.example.com>',
      date: 'Thu, 15 Jan 2026 12:00:00 +0000',
      'content-type': 'text/plain; charset=utf-8',
      'message-id': expect.stringMatching(/^<[\w-]{43}@git\.example\.com>$/),
    });
  });

  it('is not sent when what it tells of did not happen', async () => {
    const server = await withServer();
    const failed = ctx.db.transaction().execute(async (db) => {
      await notify(ctx, db, { accountId: 1, subject: 's', text: 't', path: '/' });
      throw new Error('the key is taken');
    });
    await expect(failed).rejects.toThrow('the key is taken');
    await send();
    await tell();
    await send();
    expect(server.mails).toHaveLength(1);
  });

  it('in any language arrives as it was written', async () => {
    const server = await withServer();
    const note = 'Größe 漢字 🔑 = "x" <b>';
    await tell({ subject: `Your token ${note} expires`, facts: [['Note', note]] });
    await send();
    expect(server.mails[0]?.subject).toBe(`[git.example.com] Your token ${note} expires`);
    expect(server.mails[0]?.text).toContain(`Note: ${note}`);
    expect(server.mails[0]?.raw).toMatch(/^\p{ASCII}*$/u);
  });

  it.each(['\r\n', '\n', '\r', '\u2028', '\u0085', '\0'])(
    'takes no header from a text with a line break in it: %j',
    async (breaking) => {
      const server = await withServer();
      const evil = `x${breaking}Bcc: eve@example.com${breaking}${breaking}.${breaking}MAIL FROM:<eve@example.com>`;
      await tell({ subject: evil, text: evil, facts: [['Note', evil]] });
      await send();
      expect(server.mails).toHaveLength(1);
      expect(server.mails[0]?.to).toEqual(['ada@example.com']);
      expect(server.mails[0]?.headers.has('bcc')).toBe(false);
      expect(server.mails[0]?.text).not.toMatch(/^(Bcc|MAIL)/m);
    },
  );

  it('goes to no other address than the one that was meant, whatever is in it', async () => {
    const server = await withServer();
    for (const email of ['"a, eve@example.com"@example.com', 'ada@example.com']) {
      await ctx.db.updateTable('accounts').set({ email }).where('id', '=', 1).execute();
      await tell();
    }
    await send();
    const recipients = server.mails.flatMap((mail) => mail.to);
    expect(recipients).toContain('ada@example.com');
    expect(recipients).not.toContain('eve@example.com');
  });

  it('goes to a former address when told so, and to nobody who is suspended', async () => {
    const server = await withServer();
    await tell({ to: 'former@example.com' });
    await tell({ accountId: 2 });
    await ctx.db.updateTable('accounts').set({ suspended_at: ctx.now() }).where('id', '=', 2).execute();
    await tell({ accountId: 2 });
    await send();
    expect(server.mails.map((mail) => mail.to)).toEqual([['former@example.com']]);
    expect(await outboxState(ctx)).toMatchObject({ waiting: 0 });
    expect(await pageNotices(ctx, 2)).toEqual([]);
  });

  it('stands on the pages where there is no mail server, until it is dismissed', async () => {
    await begin(null);
    await tell();
    await tell({ text: 'Another key was added.' });
    await tell({ accountId: 2 });
    const notices = await pageNotices(ctx, 1);
    expect(notices.map(({ text }) => text)).toEqual([
      'Another key was added.',
      'A key was added to your account.',
    ]);
    expect(await outboxState(ctx)).toMatchObject({ waiting: 0 });
    expect(await dismissNotices(ctx, 2, notices[0]?.id)).toBe(0);
    expect(await dismissNotices(ctx, 1, notices[0]?.id)).toBe(1);
    expect(await pageNotices(ctx, 1)).toHaveLength(1);
    ctx.clock.forward(91 * DAY);
    await forgetOldNotices(ctx);
    expect(await pageNotices(ctx, 1)).toEqual([]);
  });

  it('is kept to the latest fifty on the pages, and to a hundred waiting mails', async () => {
    await withServer();
    for (let i = 0; i < 101; i++) await tell();
    expect(await outboxState(ctx)).toMatchObject({ waiting: 100 });
    expect(await pageNotices(ctx, 1)).toHaveLength(1);
    for (let i = 0; i < 55; i++) await tell({ urgent: true });
    expect(await pageNotices(ctx, 1)).toHaveLength(50);
  });
});

describe('a mail', () => {
  it('is sent once by several processes at the same time', async () => {
    const server = await withServer();
    for (let i = 0; i < 10; i++) await tell({ accountId: 1 + (i % 2) });
    const processes = [createOutbox(ctx), createOutbox(ctx), createOutbox(ctx)];
    await Promise.all(processes.map((outbox) => outbox.send()));
    expect(server.mails).toHaveLength(10);
    expect(new Set(server.mails.map((mail) => mail.headers.get('message-id'))).size).toBe(10);
  });

  it('is tried again while the server can not be reached, each time later, and arrives', async () => {
    const server = await withServer();
    await server[Symbol.asyncDispose]();
    await tell();
    await send();
    const outbox = createOutbox(ctx);
    await outbox.send();
    const state = await outboxState(ctx);
    expect(state).toMatchObject({ waiting: 1, givenUp: 0 });
    expect(state.lastError).toMatch(/^the mail server could not be reached.* \(ESOCKET.*\)$/);
    expect(state.lastError).not.toContain('127.0.0.1');
    const again = await startMailServer({ port: server.port });
    closers.push(() => again[Symbol.asyncDispose]());
    await outbox.send();
    expect(again.mails).toHaveLength(0);
    ctx.clock.forward(MINUTE);
    await outbox.send();
    expect(again.mails).toHaveLength(1);
  });

  it('that the server does not take now is tried for three days and then given up, which is told', async () => {
    const server = await withServer({ answer: () => ({ status: 451, text: 'later, ada@example.com' }) });
    await tell();
    const outbox = createOutbox(ctx);
    let tries = 0;
    for (let hour = 0; hour < 24 * 4; hour++) {
      await outbox.send();
      if ((await outboxState(ctx)).givenUp === 1) break;
      tries++;
      ctx.clock.forward(60 * MINUTE);
    }
    expect(tries).toBeGreaterThan(70);
    expect(await outboxState(ctx)).toMatchObject({
      waiting: 0,
      givenUp: 1,
      lastError: 'the mail server refused the mail (EMESSAGE, status 451 at DATA)',
    });
    expect(server.mails).toHaveLength(0);
    ctx.clock.forward(31 * DAY);
    await forgetGivenUp(ctx);
    expect(await outboxState(ctx)).toMatchObject({ givenUp: 0 });
  });

  it('that the server will never take is given up at once, and those after it are sent', async () => {
    const server = await withServer({
      answer: ({ to }) => (to.includes('ada@example.com') ? { status: 554, text: 'no' } : null),
    });
    await tell();
    await tell({ accountId: 2 });
    await send();
    expect(await outboxState(ctx)).toMatchObject({ waiting: 0, givenUp: 1 });
    expect(server.mails.map((mail) => mail.to)).toEqual([['bob@example.com']]);
  });

  it('whose sender died after the server took it comes again as the same mail', async () => {
    const server = await withServer();
    await tell();
    await send();
    const [first] = server.mails;
    // What a killed process leaves: the claim, and the mail.
    await tell();
    const claimed = { claim: 'dead', message_id: first?.headers.get('message-id') ?? '', tries: 1 };
    await ctx.db
      .updateTable('outbox')
      .set({ ...claimed, next_try_at: ctx.now() + 10 * MINUTE })
      .execute();
    await send();
    expect(server.mails).toHaveLength(1);
    ctx.clock.forward(10 * MINUTE);
    await send();
    expect(server.mails).toHaveLength(2);
    expect(server.mails[1]?.headers.get('message-id')).toBe(first?.headers.get('message-id'));
    expect(server.mails[1]?.headers.get('date')).toBe(first?.headers.get('date'));
  });
});

describe('the mail server', () => {
  it('is given user name and password, and a wrong one is told without it', async () => {
    const server = await startMailServer({ account: 'latchkey:hunter2' });
    closers.push(() => server[Symbol.asyncDispose]());
    await begin(server.url, 'Latchkey of Example <keys@example.com>');
    await tell();
    await send();
    expect(server.signIns).toEqual(['latchkey:hunter2']);
    expect(server.mails[0]).toMatchObject({ from: 'keys@example.com' });
    expect(server.mails[0]?.headers.get('from')).toBe('Latchkey of Example <keys@example.com>');
    const wrong = { ...ctx.config, smtpUrl: new Secret(server.url.replace('hunter2', 'hunter3')) };
    const transport = createMailTransport({ config: wrong });
    const reason = transport === null ? null : await tryMailServer(transport);
    expect(reason).toBe('the mail server refused user name or password (EAUTH, status 535 at AUTH PLAIN)');
  });

  it('with a certificate that nobody vouches for gets no mail and no password', async () => {
    const server = await startMailServer({ account: 'latchkey:hunter2', smtp: { hideSTARTTLS: false } });
    closers.push(() => server[Symbol.asyncDispose]());
    await begin(server.url);
    await tell();
    await send();
    expect(server.mails).toEqual([]);
    expect(server.signIns).toEqual([]);
    expect(await outboxState(ctx)).toMatchObject({ waiting: 1 });
  });
});

describe('a text that stands in a mail', () => {
  it('is cut without breaking a character', () => {
    expect(oneLine('a'.repeat(300), 300)).toBe('a'.repeat(300));
    expect(oneLine(`${'a'.repeat(298)}🔑🔑`, 300)).toBe(`${'a'.repeat(298)}…`);
    expect(oneLine('a\u202Eb\uD800c', 10)).toBe('a b\uFFFDc');
  });
});
