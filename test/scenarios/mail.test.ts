// Mails arrive at the right moments, exactly once, whatever happens to the server in between.
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGitClient } from '../git-client.ts';
import { type MailServer, startMailServer } from '../mail-server.ts';
import { startServer, type TestServer } from './server.ts';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

let mail: MailServer;
beforeAll(async () => {
  mail = await startMailServer({ account: 'latchkey:hunter2@' });
});
afterAll(() => mail[Symbol.asyncDispose]());

const start = (more: Parameters<typeof startServer>[0] = {}) =>
  startServer({
    ...more,
    env: { LATCHKEY_SMTP_URL: mail.url, LATCHKEY_MAIL_FROM: 'Keys <keys@example.com>', ...more.env },
  });

/** Lets a token have been made long ago, so that it ends in that time: a server's clock can't be moved. */
async function ends(server: TestServer, note: string, inMs: number): Promise<void> {
  const now = Date.now();
  await server.ctx.db
    .updateTable('tokens')
    .set({ issued_at: now - 60 * DAY, created_at: now - 60 * DAY, expires_at: now + inMs })
    .where('note', '=', note)
    .execute();
}

const subjects = (): readonly string[] =>
  mail.mails.map(({ subject }) => subject.replace(/^\[[^\]]*\] /, ''));

describe('Mails', () => {
  it('arrive at the right moments, exactly once, across a restart', async () => {
    await using server = await start();
    await server.person('ada');
    const make = (note: string, ...more: readonly string[]) =>
      server.cli(['token', 'create', '--user', 'ada', '--note', note, '--scopes', 'repo', ...more]);
    const secret = (await make('laptop', '--expires', '60d')).stdout.trim();
    await make('ci', '--expires', '60d');
    await make('dead', '--expires', '60d');
    await make('endless', '--expires', 'never');
    const made = ['laptop', 'ci', 'dead', 'endless'].map((note) => `The token “${note}” was created`);
    await mail.arrived(4);
    expect(subjects().toSorted()).toEqual(made.toSorted());
    expect(mail.signIns[0]).toBe('latchkey:hunter2@');
    expect(mail.mails[0]).toMatchObject({ from: 'keys@example.com', to: ['ada@example.com'] });
    expect(mail.mails[0]?.text).toContain('an operator, at the command line');

    await server.stop();
    await ends(server, 'laptop', 7 * DAY - HOUR);
    await ends(server, 'ci', DAY - HOUR);
    await ends(server, 'dead', -HOUR);
    await server.cli(['token', 'revoke', '4']);
    {
      await using again = await start({ directory: server.directory, listen: server.address });
      await mail.arrived(7);
      const later = subjects().slice(4).toSorted();
      expect(later).toEqual([
        'The token “endless” was deleted',
        'Your token “ci” expires within a day',
        'Your token “laptop” expires in a week',
      ]);
      await again.stop('SIGKILL');
    }
    {
      await using third = await start({ directory: server.directory, listen: server.address });
      // What comes last shows that nothing else came before it.
      await third.cli(['token', 'create', '--user', 'ada', '--note', 'last', '--expires', '7d']);
      await mail.arrived(8);
      expect(subjects().slice(7)).toEqual(['The token “last” was created']);
      expect(new Set(mail.mails.map(({ headers }) => headers.get('message-id'))).size).toBe(8);
      const everything = mail.mails.map(({ raw }) => raw).join('') + server.log() + third.log();
      expect(everything).not.toContain(secret);
      expect(third.log() + server.log()).not.toContain('hunter2');

      const doctor = await third.cli(['doctor', '--json']);
      const findings = JSON.parse(doctor.stdout) as { name: string; state: string; message: string }[];
      expect(findings.filter(({ name }) => name.startsWith('mail')).map(({ state }) => state)).toEqual([
        'ok',
        'ok',
      ]);
      expect(doctor.stdout + doctor.stderr).not.toContain('hunter2');
    }
  });

  it('that the mail server took as the server died come again as the same mail, and no other is lost', async () => {
    const before = mail.mails.length;
    await using server = await start({ env: { LATCHKEY_CRASH_AT: 'mail.taken' } });
    await server.person('bob');
    for (const note of ['one', 'two']) {
      await server.cli(['token', 'create', '--user', 'bob', '--note', note]);
    }
    expect(await server.ended).toBe('SIGKILL');
    await mail.arrived(before + 1);
    // Ten minutes later, the claim of the dead is over.
    await server.ctx.db.updateTable('outbox').set({ next_try_at: Date.now() }).execute();
    await using again = await start({ directory: server.directory, listen: server.address });
    await mail.arrived(before + 3);
    const ids = mail.mails.slice(before).map(({ headers }) => headers.get('message-id'));
    expect(new Set(ids).size).toBe(2);
    await again.stop();
  });

  it('wait while there is no mail server, and the work goes on without it', async () => {
    const address = { url: mail.url, port: mail.port };
    const away = await startMailServer();
    await away[Symbol.asyncDispose]();
    await using server = await startServer({ env: { LATCHKEY_SMTP_URL: away.url } });
    await server.person('eve');
    const token = await server.token('eve');
    expect((await server.fetch('/api/v3/user', { token })).status).toBe(200);
    const doctor = await server.cli(['doctor']);
    expect(doctor.status).toBe(1);
    expect(doctor.stdout).toMatch(/wrong {4}mail server: the mail server could not be reached/);
    expect(address.port).not.toBe(away.port);
    expect(await server.stop()).toBe(0);
  });

  it('to nobody: without a mail server, notices stand on the pages', async () => {
    await using server = await startServer();
    const person = await server.person('carol');
    await server.token('carol');
    const rows = await server.ctx.db.selectFrom('notices').selectAll().execute();
    expect(rows).toMatchObject([{ account_id: person.id, text: expect.stringContaining('was created') }]);
    expect(await server.ctx.db.selectFrom('outbox').selectAll().execute()).toEqual([]);
  });
});

describe('A token that ends', () => {
  it('is told of in every answer to git, the refusals too, and one that does not end is not', async () => {
    await using server = await startServer();
    await server.person('dan');
    const { cloneUrl } = await server.repository('dan', 'plans', 'private');
    const mortal = await server.token('dan', ['repo'], Date.UTC(2030, 0, 31, 23, 59, 58));
    const endless = await server.token('dan', ['repo']);
    const header = 'github-authentication-token-expiration';
    const ask = (path: string, token: string, init: RequestInit = {}) =>
      fetch(`${cloneUrl}${path}`, {
        ...init,
        headers: { ...init.headers, authorization: `Basic ${btoa(`x:${token}`)}` },
      });
    for (const [path, status, init] of [
      ['/info/refs?service=git-upload-pack', 200],
      ['/info/refs?service=git-receive-pack', 200],
      ['/info/refs', 403],
      ['/git-upload-pack', 415, { method: 'POST', body: 'x' }],
      ['/HEAD', 403],
      ['/info/lfs/objects/batch', 404, { method: 'POST', body: '{}' }],
    ] as const) {
      const answer = await ask(path, mortal, init);
      expect([path, answer.status, answer.headers.get(header)]).toEqual([
        path,
        status,
        '2030-01-31 23:59:58 UTC',
      ]);
      expect((await ask(path, endless, init)).headers.get(header)).toBe(null);
    }
    const gone = await ask('/../none.git/info/refs?service=git-upload-pack', mortal);
    expect([gone.status, gone.headers.get(header)]).toEqual([404, '2030-01-31 23:59:58 UTC']);
  });

  it('later than the instance allows is refused by every way in, with the way out, until that is lifted', async () => {
    await using server = await startServer();
    const client = await createGitClient();
    try {
      await server.person('fay');
      const { cloneUrl } = await server.repository('fay', 'plans', 'public');
      const token = await server.token('fay', ['repo'], Date.now() + 90 * DAY);
      const short = await server.token('fay', ['repo'], Date.now() + 20 * DAY);
      const clone = async (folder: string, credential: string) => {
        const child = client.start(['clone', cloneUrl.replace('//', '//x@'), folder], {
          env: server.credential(credential),
        });
        let said = '';
        child.stderr?.on('data', (piece: Buffer) => {
          said += piece.toString('utf8');
        });
        const [status] = await once(child, 'close');
        return { status, said };
      };
      const push = async (credential: string) =>
        fetch(`${cloneUrl}/info/refs?service=git-receive-pack`, {
          headers: { authorization: `Basic ${btoa(`x:${credential}`)}` },
        });
      const set = await server.cli(['settings', 'set', 'token-max-days', '30', '--json']);
      expect(JSON.parse(set.stdout)).toMatchObject({ token_max_days: 30 });
      const url = `${server.url}/settings/tokens/1`;
      const refused = await server.fetch('/api/v3/user', { token });
      expect(refused.status).toBe(403);
      expect(refused.headers.get('github-authentication-token-expiration')).toMatch(/ UTC$/);
      expect(((await refused.json()) as { message: string }).message).toBe(
        `This instance forbids access via a personal access token (classic) if the token's lifetime is greater than 30 days. Please adjust your token's lifetime at the following URL: ${url}`,
      );
      const answer = await push(token);
      expect([answer.status, await answer.text()]).toEqual([
        403,
        `This instance forbids personal access tokens that live longer than 30 days.\nPlease adjust the token's lifetime: ${url}\n`,
      ]);
      expect((await push(short)).status).toBe(200);
      expect((await server.fetch('/api/v3/user', { token: short })).status).toBe(200);
      expect((await clone('short', short)).status).toBe(0);
      const never = ['token', 'create', '--user', 'fay', '--note', 'n', '--expires', 'never'];
      const made = await server.cli(never);
      expect([made.status, made.stderr]).toEqual([1, expect.stringContaining('within 30 days')]);
      await server.cli(['settings', 'set', 'token-max-days', 'none']);
      expect((await server.fetch('/api/v3/user', { token })).status).toBe(200);
      expect((await server.cli(['settings', 'set', 'token-max-days', '0'])).status).toBe(1);
      expect((await server.cli(['settings', 'set', 'no-such', '1'])).status).toBe(2);
    } finally {
      await client.close();
    }
  });
});
