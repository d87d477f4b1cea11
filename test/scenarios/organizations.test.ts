// An organisation's repositories by git and the API at once: who is inside, who is outside, who has left, and what an
// organisation that lets no classic token in still shows.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { acceptInvitation, inviteMember } from '../../src/organizations/invitations.ts';
import { removeMember } from '../../src/organizations/members.ts';
import {
  createOrganization,
  type Organization,
  updateOrganization,
} from '../../src/organizations/organizations.ts';
import { createRepository } from '../../src/repositories/repositories.ts';
import { valueIn } from '../context.ts';
import { createGitClient, type GitClient } from '../git-client.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let client: GitClient;
let acme: Organization;

beforeAll(async () => {
  [server, client] = await Promise.all([startServer(), createGitClient()]);
  const { ctx } = server;
  const [ada, bob] = [await server.person('ada'), await server.person('bob')];
  await server.person('cyd');
  acme = valueIn(await createOrganization(ctx, { login: 'acme', name: null, owner: ada }));
  valueIn(await inviteMember(ctx, acme, { invitee: bob, inviter: ada, role: 'member' }));
  valueIn(await acceptInvitation(ctx, { organization: acme, invitee: bob }));
  for (const visibility of ['public', 'internal', 'private'] as const) {
    const wanted = { owner: acme, name: visibility, description: null, visibility };
    valueIn(await createRepository(ctx, wanted));
  }
});
afterAll(async () => {
  await Promise.all([client?.close(), server?.[Symbol.asyncDispose]()]);
});

/** What `git ls-remote` says of it by this token: nothing when it goes well. */
async function reach(name: string, token: string | null): Promise<string> {
  const env = token === null ? { GIT_TERMINAL_PROMPT: '0' } : server.credential(token);
  const url = `${server.url}/acme/${name}.git`;
  const { status, stderr } = await client.try(['ls-remote', url], { env });
  return status === 0 ? '' : stderr;
}
/** Pushes the first commit of the folder `work`. */
async function push(name: string, token: string) {
  const env = server.credential(token);
  return client.try(['push', `${server.url}/acme/${name}.git`, 'main'], { in: 'work', env });
}
const api = async (path: string, token?: string) =>
  (await server.fetch(`/api/v3${path}`, token === undefined ? {} : { token })).status;

it('an internal repository is for who has an account here, and for tokens with repo', async () => {
  const [repo, none] = [await server.token('cyd', ['repo']), await server.token('cyd')];
  expect(await reach('internal', repo)).toBe('');
  expect(await reach('internal', none)).not.toBe('');
  expect(await reach('internal', null)).not.toBe('');
  expect(await reach('private', repo)).toContain('not found');
  expect([await api('/repos/acme/internal', repo), await api('/repos/acme/internal', none)]).toEqual([
    200, 404,
  ]);
  expect(await api('/repos/acme/internal')).toBe(404);
});

it('an outside collaborator reaches one repository, having said yes, and no other', async () => {
  const [adas, cyds] = [await server.token('ada', ['repo']), await server.token('cyd', ['repo'])];
  const invited = await server.fetch('/api/v3/repos/acme/private/collaborators/cyd', {
    method: 'PUT',
    token: adas,
    body: JSON.stringify({ permission: 'pull' }),
  });
  const { id } = (await invited.json()) as { readonly id: number };
  expect(await reach('private', cyds)).toContain('not found');
  const answer = `/api/v3/user/repository_invitations/${id}`;
  expect((await server.fetch(answer, { method: 'PATCH', token: cyds })).status).toBe(204);
  expect(await reach('private', cyds)).toBe('');
  expect(await api('/orgs/acme/teams', await server.token('cyd', ['admin:org']))).toBe(403);
});

it('a member who was removed is out at the next request, token and all', async () => {
  const bobs = await server.token('bob', ['repo']);
  expect(await reach('private', bobs)).toBe('');
  expect(await api('/repos/acme/private', bobs)).toBe(200);
  const bob = ((await (await server.fetch('/api/v3/users/bob')).json()) as { readonly id: number }).id;
  valueIn(await removeMember(server.ctx, acme, bob));
  expect(await api('/repos/acme/private', bobs)).toBe(404);
  expect(await reach('private', bobs)).toContain('not found');
  expect(await reach('public', bobs)).toBe('');
});

it('an organisation that is closed to classic tokens shows them what is public alone', async () => {
  await client.git(['init', '-q', '-b', 'main', 'work']);
  await client.git(['commit', '-q', '--allow-empty', '-m', 'First'], { in: 'work' });
  const adas = await server.token('ada', ['repo', 'admin:org']);
  await updateOrganization(server.ctx, acme.id, { allowsClassicTokens: false });
  // ghes-spec 5.2 row 14, in the words of section 10.
  const forbidden =
    /^remote: Personal access tokens \(classic\) are forbidden from accessing this repository\.$/m;
  const refused = await reach('private', adas);
  expect(refused).toMatch(forbidden);
  expect(refused).toMatch(/The requested URL returned error: 403$/m);
  expect(await reach('public', adas)).toBe('');
  const pushed = await push('public', adas);
  expect([pushed.status, pushed.stderr]).toEqual([128, expect.stringMatching(forbidden)]);
  expect([await api('/repos/acme/private', adas), await api('/repos/acme/public', adas)]).toEqual([403, 200]);
  await updateOrganization(server.ctx, acme.id, { allowsClassicTokens: true });
  expect(await reach('private', adas)).toBe('');
  expect(await push('public', adas)).toMatchObject({ status: 0 });
});
