import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { valueIn } from '../../test/context.ts';
import { createGitClient, type GitClient, withToken } from '../../test/git-client.ts';
import { type GitServer, startGitServer } from '../../test/git-server.ts';
import { ask, basic } from '../../test/http.ts';
import type { Visibility } from '../access/targets.ts';
import type { Account } from '../accounts/accounts.ts';
import { updateRepository } from '../repositories/changing.ts';
import { putCollaborator } from '../repositories/collaborators.ts';
import { newToken } from '../tokens/format.ts';
import { listTokens } from '../tokens/tokens.ts';

let server: GitServer;
let client: GitClient;
let mona: Account;
let hubot: Account;
const tokens: Record<string, string> = {};

const challenge = 'Basic realm="GitHub"';
const noCache = {
  expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
  pragma: 'no-cache',
  'cache-control': 'no-cache, max-age=0, must-revalidate',
};

async function renamed(from: string, to: string, visibility: Visibility) {
  const repository = await server.repository(mona, from, { visibility });
  valueIn(await updateRepository(server.ctx, repository.id, { name: to }));
  return repository;
}

beforeAll(async () => {
  server = await startGitServer();
  client = await createGitClient();
  mona = await server.person('mona');
  hubot = await server.person('hubot');
  await renamed('old', 'open', 'public');
  const { id } = await renamed('old-secret', 'secret', 'private');
  valueIn(await putCollaborator(server.ctx, { id, ownerId: mona.id }, hubot.id, 'read'));
  await server.repository(mona, 'hidden', { visibility: 'private' });
  tokens.repo = await server.token(mona, ['repo']);
  tokens.none = await server.token(mona, []);
  tokens.public = await server.token(mona, ['public_repo']);
  tokens.reader = await server.token(hubot, ['repo']);
  tokens.expired = await server.token(mona, ['repo'], server.ctx.now() - 1);
  tokens.unknown = newToken('ghp_', server.ctx.random).expose();
  const casper = await server.person('casper');
  tokens.suspended = await server.token(casper, ['repo']);
  await server.ctx.db
    .updateTable('accounts')
    .set({ suspended_at: server.ctx.now() })
    .where('id', '=', casper.id)
    .execute();
});

afterAll(async () => {
  await server.close();
  await client.close();
});

const refs = (path: string, service: 'upload' | 'receive') =>
  `${server.url}/${path}/info/refs?service=git-${service}-pack`;
const as = (name: string) => basic('anything', tokens[name] ?? '');

describe('who may fetch and push', () => {
  it.each([
    ['anybody may fetch what is public', null, 'mona/open.git', 'upload', 200],
    ['also without .git in the address', null, 'mona/open', 'upload', 200],
    ['a token without scopes may fetch what is public', 'none', 'mona/open.git', 'upload', 200],
    ['a token with repo may fetch what is private', 'repo', 'mona/secret.git', 'upload', 200],
    ['a collaborator may fetch what is private', 'reader', 'mona/secret.git', 'upload', 200],
    ['public_repo is enough to push to what is public', 'public', 'mona/open.git', 'receive', 200],
    ['repo is enough to push to what is private', 'repo', 'mona/secret.git', 'receive', 200],
    ['nobody unknown fetches what is private', null, 'mona/secret.git', 'upload', 401],
    ['nobody unknown pushes', null, 'mona/open.git', 'receive', 401],
    ['a token without scopes does not see what is private', 'none', 'mona/secret.git', 'upload', 404],
    ['public_repo does not see what is private', 'public', 'mona/secret.git', 'upload', 404],
    ['a stranger does not see what is private', 'reader', 'mona/hidden.git', 'upload', 404],
    ['a stranger may not push to what is public', 'reader', 'mona/open.git', 'receive', 403],
    ['a token without scopes may not push', 'none', 'mona/open.git', 'receive', 403],
    ['a reader may not push', 'reader', 'mona/secret.git', 'receive', 403],
    ['a suspended person may do nothing', 'suspended', 'mona/open.git', 'upload', 403],
    ['an expired token is refused, also where none is needed', 'expired', 'mona/open.git', 'upload', 401],
    ['an unknown token is refused, also where none is needed', 'unknown', 'mona/open.git', 'upload', 401],
  ] as const)('%s', async (_sentence, token, path, service, status) => {
    const answer = await ask(refs(path, service), { headers: token === null ? {} : as(token) });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(noCache);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? challenge : undefined);
    // Without a media type of text/plain git would keep the words to itself.
    if (status >= 400) expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    // The exchange is decided as the advertisement is.
    const exchange = await ask(`${server.url}/${path}/git-${service}-pack`, {
      method: 'POST',
      headers: {
        ...(token === null ? {} : as(token)),
        'content-type': `application/x-git-${service}-pack-request`,
      },
      body: '0000',
    });
    expect(exchange.status).toBe(status);
    expect(exchange.headers['www-authenticate']).toBe(status === 401 ? challenge : undefined);
  });

  it.each([
    ['unknown', 'mona/open.git', 'upload', 'Invalid username or password.'],
    ['expired', 'mona/open.git', 'upload', 'Invalid username or password.'],
    ['none', 'mona/secret.git', 'upload', 'Repository not found.'],
    ['repo', 'mona/missing.git', 'upload', 'Repository not found.'],
    ['reader', 'mona/open.git', 'receive', 'Permission to mona/open.git denied to hubot.'],
    ['reader', 'mona/secret', 'receive', 'Permission to mona/secret.git denied to hubot.'],
    [
      'suspended',
      'mona/open.git',
      'upload',
      'Your account is suspended. Please contact the administrator of this server.',
    ],
  ] as const)('says to %s for %s (%s): %s', async (token, path, service, text) => {
    expect((await ask(refs(path, service), { headers: as(token) })).text).toBe(`${text}\n`);
  });

  it('names the scope that a token lacks, and the page on which it is added, to who sees the repository', async () => {
    const { text } = await ask(refs('mona/open.git', 'receive'), { headers: as('none') });
    const [, id] = /tokens\/(\d+)/.exec(text) ?? [];
    expect(text).toBe(
      'Permission to mona/open.git denied to mona.\n' +
        `Your token lacks the scope public_repo. Add it: https://git.example.com/settings/tokens/${id}?scopes=public_repo\n`,
    );
    const [owned] = await listTokens(server.ctx, mona.id).then((all) =>
      all.filter((token) => token.id === Number(id)),
    );
    expect(owned?.scopes).toEqual([]);
    // With the scope it is allowed; without the role no scope would help; what can't be seen is not told.
    expect((await ask(refs('mona/open.git', 'receive'), { headers: as('public') })).status).toBe(200);
    for (const [token, path] of [
      ['reader', 'mona/open.git'],
      ['none', 'mona/secret.git'],
    ] as const) {
      expect((await ask(refs(path, 'receive'), { headers: as(token) })).text).not.toContain('scope');
    }
  });

  it('tells who gives a password that only tokens will do, in the words of GitHub Enterprise Server', async () => {
    for (const password of ['hunter2', 'x', 'ghp_short', 'correct horse battery staple']) {
      const answer = await ask(refs('mona/open.git', 'upload'), { headers: basic('mona', password) });
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe(challenge);
      expect(answer.text).toBe(
        'Password authentication is not available for Git operations.\n' +
          'You must use a personal access token or SSH key.\n' +
          'See https://git.example.com/settings/tokens or https://git.example.com/settings/ssh\n',
      );
    }
  });

  it('takes a token as the password of any user name, and as the user name', async () => {
    const token = tokens.repo ?? '';
    for (const headers of [
      basic('mona', token),
      basic('somebody', token),
      basic('x-access-token', token),
      basic(token, ''),
      basic(token, 'x-oauth-basic'),
      { authorization: `Bearer ${token}` },
      { authorization: `token ${token}` },
    ]) {
      expect((await ask(refs('mona/secret.git', 'upload'), { headers })).status).toBe(200);
    }
  });

  it('refuses a token in the address unread', async () => {
    const url = `${refs('mona/secret.git', 'upload')}&access_token=${tokens.repo}`;
    const answer = await ask(url);
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain(tokens.repo);
  });

  it('answers nobody unknown in the same way for a private and a missing repository', async () => {
    const paths = ['secret', 'hidden', 'old-secret', 'missing', '-', '.git', 'a%2fb', '%ff', 'x'.repeat(90)];
    for (const service of ['upload', 'receive'] as const) {
      const answers = await Promise.all(
        paths.map(async (name) => {
          const { status, text, headers } = await ask(refs(`mona/${name}`, service));
          return { status, text, headers: { ...headers, date: '', 'x-github-request-id': '' } };
        }),
      );
      for (const answer of answers.filter((answer) => answer.status !== 400))
        expect(answer).toEqual(answers[0]);
      expect(answers[0]?.status).toBe(401);
    }
  });

  it('leads from an old name to the new one, but only who may know', async () => {
    const answer = await ask(refs('mona/old.git', 'upload'));
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe('/mona/open.git/info/refs?service=git-upload-pack');
    const { status } = await ask(refs('mona/old-secret', 'upload'));
    expect(status).toBe(401);
    expect((await ask(refs('mona/old-secret', 'upload'), { headers: as('none') })).status).toBe(404);
    const owner = await ask(refs('mona/old-secret', 'upload'), { headers: as('repo') });
    expect(owner.headers.location).toBe('/mona/secret.git/info/refs?service=git-upload-pack');
  });

  it('serves nothing to nobody in private mode', async () => {
    const shut = await startGitServer({ config: { privateMode: true } });
    try {
      const owner = await shut.person('keeper');
      const { url } = await shut.repository(owner, 'open');
      const address = `${url}/info/refs?service=git-upload-pack`;
      expect((await ask(address)).status).toBe(401);
      const token = await shut.token(owner, []);
      expect((await ask(address, { headers: basic('x', token) })).status).toBe(200);
    } finally {
      await shut.close();
    }
  });
});

describe('what git prints', () => {
  const clone = (path: string, token: string | null, args: readonly string[] = ['ls-remote']) => {
    const url = `${server.url}/${path}`;
    return client.try([...args, token === null ? url : withToken(url, token)]);
  };

  it('asks for a name where nobody was named', async () => {
    const { status, stderr } = await clone('mona/secret.git', null);
    expect(status).toBe(128);
    expect(stderr).toContain('could not read Username');
  });

  it('fails to authenticate with a dead token', async () => {
    const { stderr } = await clone('mona/secret.git', tokens.unknown ?? '');
    expect(stderr).toContain('remote: Invalid username or password.');
    expect(stderr).toContain('fatal: Authentication failed for');
  });

  it('shows the three lines for a password', async () => {
    const { stderr } = await clone('mona/secret.git', 'hunter2');
    expect(stderr).toContain('remote: Password authentication is not available for Git operations.');
    expect(stderr).toContain('remote: You must use a personal access token or SSH key.');
    expect(stderr).toContain('remote: See https://git.example.com/settings/tokens or ');
    expect(stderr).toContain('fatal: Authentication failed for');
  });

  it('does not find what the token may not see', async () => {
    const { stderr } = await clone('mona/secret.git', tokens.none ?? '');
    expect(stderr).toContain('remote: Repository not found.');
    expect(stderr).toMatch(/fatal: repository '.*' not found/);
  });

  it('denies a push to who may only read', async () => {
    await client.git(['init', '-q', 'denied']);
    await client.git(['commit', '-q', '--allow-empty', '-m', 'x'], { in: 'denied' });
    const url = withToken(`${server.url}/mona/open.git`, tokens.reader ?? '');
    const { stderr } = await client.try(['push', url, 'main'], { in: 'denied' });
    expect(stderr).toContain('remote: Permission to mona/open.git denied to hubot.');
    expect(stderr).toContain('The requested URL returned error: 403');
  });

  it('makes a credential helper forget a dead token and keep a good one without rights', async () => {
    const { host } = new URL(server.url);
    const store = client.path('credentials');
    const helper = ['-c', `credential.helper=store --file=${store}`];
    const remember = async (name: string) =>
      client.git([...helper, 'credential', 'approve'], {
        input: `protocol=http\nhost=${host}\nusername=mona\npassword=${tokens[name]}\n\n`,
      });
    const remembered = async () =>
      (
        await client.try([...helper, 'credential', 'fill'], {
          input: `protocol=http\nhost=${host}\n\n`,
        })
      ).stdout.includes('password=');
    await remember('reader');
    await client.try([...helper, 'push', `${server.url}/mona/open.git`, 'HEAD:main'], { in: 'denied' });
    await client.try([...helper, 'ls-remote', `${server.url}/mona/hidden.git`]);
    expect(await remembered()).toBe(true);
    await client.git([...helper, 'credential', 'reject'], { input: `protocol=http\nhost=${host}\n\n` });
    await remember('unknown');
    expect(await remembered()).toBe(true);
    await client.try([...helper, 'ls-remote', `${server.url}/mona/hidden.git`]);
    expect(await remembered()).toBe(false);
  });

  it('follows a renamed repository', async () => {
    const { status, stderr } = await clone('mona/old.git', null);
    expect(stderr).toContain('warning: redirecting to');
    expect(status).toBe(0);
  });
});
