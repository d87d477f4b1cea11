// The command line as operators and their scripts meet it: what it prints where, its exit statuses, and that it
// takes effect in a running server at once.
import { chmod, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findApplicationByClientId } from '../../src/oauth/applications.ts';
import { authorize } from '../../src/oauth/authorizations.ts';
import { git } from '../../src/process/git.ts';
import { issueApplicationToken } from '../../src/tokens/application-tokens.ts';
import { type CommandResult, runCli, startServer } from './server.ts';

let directory: string;

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'latchkey-cli-')));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** Runs `latchkey WORDS`, with the data directory `data`. */
function latchkey(words: string | readonly string[], input?: string, env = {}): Promise<CommandResult> {
  const args = typeof words === 'string' ? words.split(' ') : words;
  return runCli(args, { cwd: directory, env, input });
}

/** Runs what must go well. @returns standard output */
async function done(words: string | readonly string[], input?: string): Promise<string> {
  const { status, stdout, stderr } = await latchkey(words, input);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stdout;
}

const makeAda = () =>
  done('user create ada --email ada@example.com --password-stdin', 'a fine long password\n');

describe('people', () => {
  it('are made with a password from standard input, and listed', async () => {
    await makeAda();
    await done('user create ben --email ben@example.com --admin --password-stdin', 'another long password');
    const table = (await done('user list')).split('\n');
    expect(table[0]).toMatch(/^LOGIN {2}EMAIL +ROLE +STATE +CREATED$/);
    expect(table[1]).toMatch(/^ada {4}ada@example\.com {2}user +active +20\d\d-/);
    expect(table[2]).toMatch(/^ben {4}ben@example\.com {2}site admin {2}active/);
    expect(table.join('')).not.toContain('\t');
    const list = JSON.parse(await done('user list --json'));
    expect(list).toMatchObject([
      { login: 'ada', email: 'ada@example.com', site_admin: false, suspended_at: null },
      { login: 'ben', email: 'ben@example.com', site_admin: true },
    ]);
    expect(JSON.stringify(list)).not.toContain('password');
  });

  it('are made with a one-time link when no password is given', async () => {
    const { status, stdout } = await latchkey('user create ada --email ada@example.com');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:3000\/password\?code=[\w-]{43}\n$/);
    const again = await done('user reset-password ada');
    expect(again).toMatch(/^http\S+\?code=[\w-]{43}\n$/);
    expect(again).not.toBe(stdout);
  });

  it('are suspended, let in again and deleted by their login, in any letter case', async () => {
    await makeAda();
    await done('user suspend ADA');
    expect(JSON.parse(await done('user list --json'))[0].suspended_at).toMatch(/^20\d\d-.*Z$/);
    await done('user unsuspend ada');
    expect(JSON.parse(await done('user list --json'))[0].suspended_at).toBeNull();
    await done('user delete ada');
    expect(await done('user list --json')).toBe('[]\n');
  });
});

describe('tokens', () => {
  it('are printed alone, with no scope and for 30 days unless told otherwise', async () => {
    await makeAda();
    expect(await done('token create --user ada --note plain')).toMatch(/^ghp_[A-Za-z0-9]{36}\n$/);
    const [token] = JSON.parse(await done('token list --json'));
    expect(token).toMatchObject({ user: 'ada', note: 'plain', scopes: [], last_used_at: null });
    const days = (Date.parse(token.expires_at) - Date.parse(token.created_at)) / 86_400_000;
    expect(days).toBeCloseTo(30, 3);
  });

  it('take scopes in normal form, and any expiration', async () => {
    await makeAda();
    await done('token create --user ada --note a --scopes user,repo,public_repo --expires never');
    await done('token create --user ada --note b --expires 7d');
    await done('token create --user ada --note c --expires 2999-12-31');
    const tokens = JSON.parse(await done('token list --user ada --json'));
    const by = (note: string) => tokens.find((token: { note: string }) => token.note === note);
    expect(by('a')).toMatchObject({ scopes: ['repo', 'user'], expires_at: null });
    expect(by('c')).toMatchObject({ expires_at: '2999-12-31T00:00:00Z' });
    const table = await done('token list');
    expect(table).toMatch(/^ID {2}USER {2}NOTE {2}SCOPES +LAST USED +EXPIRES\n/);
    expect(table).toMatch(/ada {3}a {5}repo,user +never used {2}never\n/);
  });

  it('are revoked by their ids, or by the token itself on standard input', async () => {
    await makeAda();
    await done('token create --user ada --note first');
    const second = await done('token create --user ada --note second');
    const partly = await latchkey('token revoke 1 77');
    expect(partly).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no token 77') });
    await done('token revoke --token-stdin', second);
    expect(await done('token list --json')).toBe('[]\n');
    const again = await latchkey('token revoke --token-stdin', second);
    expect(again.status).toBe(1);
    expect(again.stderr).not.toContain(second.trim());
  });
});

describe('repositories', () => {
  it('are made private unless told otherwise, found, listed and deleted', async () => {
    await makeAda();
    await done(['repo', 'create', 'ada/plans']);
    await done(['repo', 'create', 'ada/notes', '--public', '--description', 'What I learn']);
    const path = (await done('repo path ada/plans')).trim();
    expect(path).toBe(join(directory, 'data/repositories/1.git'));
    expect((await git(['rev-parse', '--is-bare-repository'], { repository: path })).stdout.toString()).toBe(
      'true\n',
    );
    expect(JSON.parse(await done('repo list --json'))).toMatchObject([
      { full_name: 'ada/notes', visibility: 'public', description: 'What I learn' },
      { full_name: 'ada/plans', visibility: 'private', path },
    ]);
    expect(await latchkey('repo delete ada/plans')).toMatchObject({ status: 2 });
    await done('repo delete ada/plans --yes');
    expect(await latchkey('repo path ada/plans')).toMatchObject({ status: 1, stdout: '' });
    expect(await readdir(join(directory, 'data/repositories'))).toEqual(['2.git']);
  });
});

describe('organisations', () => {
  it('are made with an owner, listed, and own repositories', async () => {
    await makeAda();
    await done('org create acme --owner ada');
    expect(await latchkey('org create ACME --owner ada')).toMatchObject({ status: 1 });
    expect(await latchkey('org create ada --owner ada')).toMatchObject({ status: 1 });
    expect(await latchkey('org create globex --owner acme')).toMatchObject({ status: 1 });
    expect(JSON.parse(await done('org list --json'))).toMatchObject([
      { login: 'acme', owners: ['ada'], members: 1 },
    ]);
    expect(await done('org list')).toMatch(/^acme +- +ada +1 /m);
    await done('repo create acme/handbook --internal');
    expect(await latchkey('repo create ada/handbook --internal')).toMatchObject({ status: 1 });
    expect(await latchkey('repo create acme/x --internal --public')).toMatchObject({ status: 2 });
    expect(JSON.parse(await done('repo list --json'))).toMatchObject([
      { full_name: 'acme/handbook', visibility: 'internal', private: true },
    ]);
    expect(JSON.parse(await done('user list --json'))).toHaveLength(1);
    expect(await latchkey('token create --user acme --note x')).toMatchObject({ status: 1 });
    expect((await latchkey('user delete ada')).stderr).toContain('the only owner of acme');
  });
});

describe('importing', () => {
  /** A bare repository with one commit, as an operator has it lying around. */
  async function makeSource(): Promise<string> {
    const source = join(directory, 'source.git');
    await git(['init', '--quiet', '--bare', '--initial-branch=trunk', source]);
    const stream = 'commit refs/heads/trunk\ncommitter A <a@example.com> 1 +0000\ndata 5\nFirst\n\n';
    await git(['fast-import', '--quiet'], { repository: source, input: stream });
    return source;
  }

  it('takes over a repository of this machine, with its default branch', async () => {
    await makeAda();
    const source = await makeSource();
    const { status, stderr } = await latchkey(['repo', 'create', 'ada/tool', '--import', source]);
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringMatching(/Made ada\/tool/) });
    const [tool] = JSON.parse(await done('repo list --json'));
    expect(tool).toMatchObject({ full_name: 'ada/tool', default_branch: 'trunk', visibility: 'private' });
    const heads = async (repository: string) =>
      (await git(['for-each-ref'], { repository })).stdout.toString();
    expect(await heads(tool.path)).toBe(await heads(source));
  });

  it('says why it could not, and leaves nothing', async () => {
    await makeAda();
    const { status, stderr } = await latchkey([
      'repo',
      'create',
      'ada/tool',
      '--import',
      '/nonexistent/x.git',
    ]);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^latchkey: .+\.$/m),
    });
    expect(await latchkey('repo create ada/tool --import ssh://127.0.0.1/x.git')).toMatchObject({
      status: 1,
    });
    expect(await latchkey('repo create ada/tool --import http://127.0.0.1:9/x.git')).toMatchObject({
      status: 1,
    });
    expect(await latchkey('repo create ada/tool --token-stdin', 'secret')).toMatchObject({ status: 2 });
    expect(await done('repo list --json')).toBe('[]\n');
    expect(await readdir(join(directory, 'data/repositories'))).toEqual([]);
  });
});

describe('what is refused', () => {
  // One account for all rows of the table: none of them changes anything.
  let refusing: string;
  beforeAll(async () => {
    refusing = await realpath(await mkdtemp(join(tmpdir(), 'latchkey-cli-')));
    const ada = ['user', 'create', 'ada', '--email', 'ada@example.com'];
    await runCli(ada, { cwd: refusing });
  });
  afterAll(() => rm(refusing, { recursive: true, force: true }));

  it.each([
    ['an unknown command', 'frobnicate', 2],
    ['an unknown subcommand', 'token make', 2],
    ['an unknown flag', 'user list --frob', 2],
    ['a missing flag', 'token create --user ada', 2],
    ['a missing argument', 'repo create', 2],
    ['too many arguments', 'user suspend ada ben', 2],
    ['no command at all', [], 2],
    ['a group without its command', 'token', 2],
    ['a scope that does not exist', 'token create --user ada --note x --scopes everything', 2],
    ['an expiration that is none', 'token create --user ada --note x --expires soon', 2],
    ['an expiration in the past', 'token create --user ada --note x --expires 2001-01-01', 2],
    ['an id that is none', 'token revoke ghp_0123456789abcdefghijklmnopqrstuvwxyz', 2],
    ['ids and a token at once', 'token revoke 1 --token-stdin', 2],
    ['nothing to revoke', 'token revoke', 2],
    ['a repository without an owner', 'repo create plans', 2],
    ['public and private at once', 'repo create ada/x --public --private', 2],
    ['a password that does not come', 'user create x --email x@example.com --password-stdin', 2],
    ['a database that is none', 'user list --database nonsense', 2],
    ['nobody of that name', 'token create --user nobody --note x', 1],
    ['a login that is taken', 'user create Ada --email other@example.com', 1],
    ['a login that is reserved', 'user create settings --email other@example.com', 1],
    ['an address that is taken', 'user create cleo --email ADA@example.com', 1],
    ['a note that is blank', ['token', 'create', '--user', 'ada', '--note', ' '], 1],
    ['a repository that is not there', 'repo path ada/nothing', 1],
    ['a repository name that is none', 'repo create ada/..', 1],
    ['a folder in which there is no Latchkey', 'user list --data elsewhere', 1],
    ['a secret in a database URL', 'user list --database postgres://me:hunter22@127.0.0.1/x', 1],
  ] as const)('%s, in one sentence', async (_, words, expected) => {
    const args = typeof words === 'string' ? words.split(' ') : words;
    const { status, stdout, stderr } = await runCli(args, { cwd: refusing, input: '' });
    expect({ status, stderr }).toMatchObject({ status: expected });
    expect(stdout).toBe('');
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+|ghp_0123456789|hunter22/);
    if (words !== 'token') expect(stderr).toMatch(/^latchkey: [^\n]+[.!?")]\n$/);
  });

  it('a second token of the same note', async () => {
    await makeAda();
    await done('token create --user ada --note laptop');
    const { status, stderr } = await latchkey('token create --user ada --note laptop');
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'latchkey: Note has already been taken.\n' });
  });

  it('a wrong folder, which is not made', async () => {
    await makeAda();
    await latchkey('token list --data elsewhere');
    expect(await readdir(directory)).toEqual(['data']);
  });
});

describe('help', () => {
  it.each([
    '',
    'user create',
    'org create',
    'app list',
    'app disable',
    'token create',
    'token revoke',
    'repo create',
    'key list',
    'key delete',
    'ssh authorized-keys',
    'doctor',
    'demo',
    'serve',
  ])('of "%s" goes to standard output with exit status 0', async (words) => {
    const help = await done(`${words} --help`.trim());
    expect(help).toMatch(/^Usage: latchkey/);
    if (words !== '') expect(help).toMatch(/Examples:\n {2}\S*/);
  });
});

describe('the version', () => {
  it("is the package's", async () => {
    expect(await done('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

const gh = '178c6fc778ccc68e1d6a';

describe('applications', () => {
  it('are listed from the start, and switched off and on by their client IDs', async () => {
    await makeAda();
    const table = (await done('app list')).split('\n');
    expect(table[0]).toMatch(/^CLIENT ID +NAME +OWNER +STATE +PEOPLE$/);
    expect(table.slice(1, 3).sort()).toEqual([
      expect.stringMatching(/^0120e057bd645470c1ed +Git Credential Manager +\(built in\) +on +0$/),
      expect.stringMatching(/^178c6fc778ccc68e1d6a +GitHub CLI +\(built in\) +on +0$/),
    ]);
    expect(await latchkey(`app disable ${gh}`)).toMatchObject({
      status: 0,
      stdout: '',
      stderr: 'GitHub CLI is off.\n',
    });
    expect(await done('app list')).toMatch(/^178c6fc778ccc68e1d6a .* off +0$/m);
    expect(JSON.parse(await done(`app enable ${gh} --json`))).toEqual({ client_id: gh, enabled: true });
    expect(JSON.parse(await done('app list --json'))).toContainEqual(
      expect.objectContaining({ client_id: gh, owner: null, enabled: true, public: true, people: 0 }),
    );
    expect(await latchkey('app disable nothing')).toMatchObject({
      status: 1,
      stderr: 'latchkey: There is no application with that client ID: see "latchkey app list".\n',
    });
  });
});

describe('beside a running server', () => {
  it('switches an application off and on at once, shows its tokens, and revokes one that has leaked', async () => {
    await using server = await startServer();
    const { id } = await server.person('ada');
    const { ctx } = server;
    const application = await findApplicationByClientId(ctx, gh);
    if (application === null) throw new Error('gh is not known');
    const issued = await ctx.db.transaction().execute(async (db) => {
      await authorize(ctx, db, { id, login: 'ada' }, application, ['repo']);
      return issueApplicationToken(ctx, db, { accountId: id, application, scopes: ['repo'] });
    });
    const token = issued?.secret.expose() ?? '';
    const ask = async () => (await server.fetch('/api/v3/zen', { token })).status;
    expect(await ask()).toBe(200);
    await server.cli(['app', 'disable', gh]);
    expect(await ask()).toBe(401);
    await server.cli(['app', 'enable', gh]);
    expect(await ask()).toBe(200);
    expect((await server.cli(['token', 'list'])).stdout).toMatch(/ ada +\(GitHub CLI\) +repo +/);
    expect(JSON.parse((await server.cli(['token', 'list', '--json'])).stdout)).toMatchObject([
      { kind: 'oauth', application: 'GitHub CLI', client_id: gh, token_last_eight: token.slice(-8) },
    ]);
    expect((await server.cli(['token', 'revoke', '--token-stdin'], token)).status).toBe(0);
    expect(await ask()).toBe(401);
  });

  it('takes effect at once', async () => {
    await using server = await startServer();
    const { stdout: link } = await server.cli(['user', 'create', 'ada', '--email', 'ada@example.com']);
    expect(link).toMatch(new RegExp(`^${server.url}/password\\?code=`));
    const { stdout } = await server.cli('token create --user ada --note script --scopes repo'.split(' '));
    const token = stdout.trim();
    const ask = async () => (await server.fetch('/api/v3/zen', { token })).status;
    expect(await ask()).toBe(200);
    await server.cli(['user', 'suspend', 'ada']);
    expect(await ask()).toBe(403);
    await server.cli(['user', 'unsuspend', 'ada']);
    expect(await ask()).toBe(200);
    await server.cli(['token', 'revoke', '--token-stdin'], token);
    expect(await ask()).toBe(401);
  });

  it('the doctor finds all well, and the server at its address', async () => {
    await using server = await startServer();
    const { status, stdout } = await server.cli(['doctor', '--listen', server.address]);
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(stdout).toContain(`Latchkey answers at ${server.address}`);
    expect(stdout).not.toMatch(/^wrong/m);
  });
});

describe('the doctor', () => {
  const findings = async (words = 'doctor --json --listen 127.0.0.1:0') => {
    const { status, stdout } = await latchkey(words);
    const list = JSON.parse(stdout) as { name: string; state: string; message: string; mend?: string }[];
    return { status, of: (name: string) => list.filter((finding) => finding.name === name) };
  };

  it('says how to mend a data directory that others can read', async () => {
    await makeAda();
    await chmod(join(directory, 'data'), 0o755);
    const { status, of } = await findings();
    expect(status).toBe(1);
    expect(of('data directory')).toMatchObject([{ state: 'wrong', mend: `chmod 700 ${directory}/data` }]);
  });

  it('finds a repository whose folder is gone, and a folder that nothing knows', async () => {
    await makeAda();
    await done('repo create ada/plans');
    expect((await findings()).status).toBe(0);
    const path = (await done('repo path ada/plans')).trim();
    await rm(path, { recursive: true });
    const { status, of } = await findings();
    expect(status).toBe(1);
    expect(of('repositories')).toContainEqual(
      expect.objectContaining({ state: 'wrong', message: expect.stringContaining('ada/plans') }),
    );
  });

  it('finds a damaged database', async () => {
    await makeAda();
    await rm(join(directory, 'data/latchkey.db-wal'), { force: true });
    await writeFile(join(directory, 'data/latchkey.db'), 'this is no database, but long enough to be read');
    const { status, of } = await findings();
    expect(status).toBe(1);
    expect(of('database')).toMatchObject([{ state: 'wrong', mend: expect.stringContaining('backup') }]);
  });

  it('finds another program at its address', async () => {
    await makeAda();
    const { createServer } = await import('node:http');
    const other = createServer((_, response) => response.end('I am somebody else'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { status, of } = await findings(`doctor --json --listen 127.0.0.1:${port}`);
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    expect(status).toBe(1);
    expect(of('address')).toMatchObject([
      { state: 'wrong', message: `127.0.0.1:${port} is taken by another program` },
    ]);
  });
});
