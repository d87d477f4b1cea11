// Marked names in what is private, and who may come across each: everybody else must never see them, in any answer.
import { sql } from 'kysely';
import { record } from '../../src/audit/audit.ts';
import type { Grant, Login, World } from './world.ts';

export interface Mark {
  readonly text: string;
  readonly what: string;
  /** May it stand in an answer to this caller? */
  mayBeSeen(login: Login | null, grant: Grant): boolean;
}

const within: readonly Login[] = ['mona', 'reader', 'writer', 'keeper'];
/** They open the security log, which says what a description was changed to. */
const logging: readonly Grant[] = ['all', 'read:audit_log', 'audit_log', 'admin:enterprise'];
/** They open hooks and statuses of a repository, which name it. */
const naming: readonly Grant[] = ['repo:status', 'admin:repo_hook', 'write:repo_hook', 'read:repo_hook'];

/** Plants the marks, and has the world put back with them from now on. */
export async function plantMarks(world: World): Promise<readonly Mark[]> {
  const { ctx, things, octo, accounts } = world;
  const at = `/api/v3/repos/mona/${things.private.name}`;
  const headers = { authorization: `Bearer ${world.token('mona', 'all')}` };
  const put = async (method: 'PATCH' | 'PUT' | 'POST', url: string, payload: object) => {
    const { statusCode, body } = await world.ask({ method, url, headers, payload });
    if (statusCode >= 300) throw new Error(`${method} ${url}: ${statusCode} ${body}`);
  };
  await put('PATCH', at, { description: 'xyzzy-description' });
  const content = Buffer.from('xyzzy-content').toString('base64');
  await put('PUT', `${at}/contents/xyzzy-path.txt`, { message: 'xyzzy-message', content });
  const ref = { ref: 'refs/heads/xyzzy-branch', sha: things.private.head };
  await put('POST', `${at}/git/refs`, ref);
  const config = { url: 'http://hooks.invalid/xyzzy-hook', secret: 'xyzzy-secret' };
  await put('POST', `${at}/hooks`, { config });
  // Who is asked to work on a repository is shown what it is: here nobody else is to know of it.
  await ctx.db.deleteFrom('repository_invitations').where('repository_id', '=', things.private.id).execute();
  await ctx.db.updateTable('teams').set({ description: 'xyzzy-team' }).where('id', '=', octo.team).execute();
  await ctx.db
    .updateTable('tokens')
    .set({ note: sql`'xyzzy-note ' || id` })
    .where('account_id', '=', accounts.puppet.id)
    .execute();
  await ctx.db
    .updateTable('accounts')
    .set({ email: 'xyzzy-mail@example.com', email_key: 'xyzzy-mail@example.com' })
    .where('id', '=', accounts.puppet.id)
    .execute();

  await plantOwnMarks(world);

  const opens = (grant: Grant) => grant === 'repo' || grant === 'all';
  const isWithin = (login: Login | null) => login !== null && within.includes(login);
  const readers = (login: Login | null, grant: Grant) => isWithin(login) && opens(grant);
  const ofSiteAdmins = (login: Login | null) => login === 'boss';
  return [
    ...['content', 'path', 'message', 'branch'].map((name) => ({
      text: `xyzzy-${name}`,
      what: `the ${name} of a private repository`,
      mayBeSeen: readers,
    })),
    {
      text: 'xyzzy-description',
      what: 'the description of a private repository',
      mayBeSeen: (login, grant) =>
        (isWithin(login) && (opens(grant) || naming.includes(grant))) ||
        (ofSiteAdmins(login) && logging.includes(grant)),
    },
    {
      text: 'xyzzy-hook',
      what: 'the address of a webhook',
      mayBeSeen: (login, grant) =>
        (login === 'mona' || login === 'keeper') && (opens(grant) || naming.includes(grant)),
    },
    { text: 'xyzzy-secret', what: 'the secret of a webhook', mayBeSeen: () => false },
    {
      text: 'xyzzy-team',
      what: 'a team',
      mayBeSeen: (login, grant) =>
        ['mona', 'writer', 'spare'].includes(login ?? '') &&
        ['all', 'repo', 'user', 'read:org', 'write:org', 'admin:org'].includes(grant),
    },
    { text: 'xyzzy-note', what: 'the note of a token', mayBeSeen: ofSiteAdmins },
    {
      text: 'xyzzy-mail',
      what: 'an e-mail address',
      mayBeSeen: (login) => login === 'puppet' || login === 'boss',
    },
    ...['passkey', 'session', 'notice', 'letter'].map((name) => ({
      text: `xyzzy-${name}`,
      what: `a ${name}, which stands on pages alone`,
      mayBeSeen: () => false,
    })),
    {
      text: 'xyzzy-event',
      what: 'what the security log says of a person and of a private repository',
      mayBeSeen: (login, grant) => ofSiteAdmins(login) && logging.includes(grant),
    },
    {
      text: 'xyzzy-affair',
      what: 'what the security log says of an organisation',
      mayBeSeen: (login, grant) =>
        (ofSiteAdmins(login) && logging.includes(grant)) ||
        (login === 'mona' && ['all', 'admin:org', 'audit_log', 'read:audit_log'].includes(grant)),
    },
  ];
}

/** In what is told to one person alone, and in the security log. */
async function plantOwnMarks({ ctx, things, octo, accounts, belongings }: World): Promise<void> {
  const { mona, puppet } = accounts;
  const { db } = ctx;
  await db
    .updateTable('passkeys')
    .set({ name: 'xyzzy-passkey' })
    .where('id', '=', belongings.passkey)
    .execute();
  await db
    .updateTable('sessions')
    .set({ user_agent: 'xyzzy-session' })
    .where('account_id', '=', mona.id)
    .execute();
  await db.updateTable('notices').set({ text: 'xyzzy-notice' }).where('id', '=', belongings.notice).execute();
  const created_at = ctx.now();
  await db
    .insertInto('outbox')
    .values({
      account_id: mona.id,
      recipient: 'mona@example.com',
      subject: 'xyzzy-letter',
      body: 'xyzzy-letter',
      message_id: '<xyzzy-letter@example.com>',
      created_at,
      next_try_at: created_at,
    })
    .execute();
  const data = { explanation: 'xyzzy-event' };
  await db.transaction().execute(async (tx) => {
    const name = `mona/${things.private.name}`;
    const repository = { id: things.private.id, name };
    await record(ctx, tx, { action: 'repo.update', operation: 'modify', repository, data });
    await record(ctx, tx, { action: 'user.update', operation: 'modify', user: puppet, data });
    await record(ctx, tx, {
      action: 'org.update',
      operation: 'modify',
      organization: { id: octo.id, login: 'octo' },
      data: { explanation: 'xyzzy-affair' },
    });
  });
}
