// A token without `workflow` changed workflow files by names of refs that are no text: one whose bytes are not UTF-8 was
// refused under another name, and one with a line break at its end cut the list of refs that the judge was given.
import { describe, expect, it } from 'vitest';
import { createGitClient } from '../../git-client.ts';
import { packOf, pushBody, pushHeaders, type RawCommand } from '../../raw-push.ts';
import { startServer } from '../server.ts';

describe('A push by a token without workflow', () => {
  it('is refused its workflow files, whatever bytes the names of its refs are made of', async () => {
    await using server = await startServer();
    const client = await createGitClient();
    await server.person('eve');
    const token = await server.token('eve', ['repo']);
    const { path, cloneUrl } = await server.repository('eve', 'plans', 'private');
    const inWork = { in: 'work', env: server.credential(token) };
    await client.git(['init', '-q', 'work']);
    const commit = async (...args: string[]) => {
      await client.git(['commit', '-qm', 'x', ...args], inWork);
      return client.git(['rev-parse', 'HEAD'], inWork);
    };
    const good = await commit('--allow-empty');
    await client.git(['push', '-q', cloneUrl, 'main'], inWork);
    const blob = await client.git(['hash-object', '-w', '--stdin'], { ...inWork, input: 'on: push' });
    const file = `100644,${blob},.github/workflows/x.yml`;
    await client.git(['update-index', '--add', '--cacheinfo', file], inWork);
    const evil = await commit();
    const pack = await packOf(client.path('work', '.git'), [evil, `^${good}`]);
    const push = async (...commands: readonly RawCommand[]) => {
      const answer = await server.fetch('/eve/plans.git/git-receive-pack', {
        method: 'POST',
        token,
        headers: pushHeaders,
        body: new Uint8Array(pushBody(commands, pack)),
      });
      return Buffer.from(await answer.arrayBuffer()).toString('latin1');
    };
    const evilRefs = () => client.git(['--git-dir', path, 'for-each-ref', '--points-at', evil]);

    const unspoken = Buffer.from('refs/heads/\xff', 'latin1');
    const said = await push({ to: evil, ref: unspoken }, { to: good, ref: 'refs/heads/beside' });
    expect(said).toContain('ng refs/heads/\xff refusing to allow a Personal Access Token');
    expect(said).toContain('ok refs/heads/beside\n');
    // The first line break is taken off by git, the second stays.
    await push({ to: good, ref: 'refs/heads/cut\n\n' }, { to: evil, ref: 'refs/heads/behind' });
    await push({ to: good, ref: 'refs/heads/cut\n' }, { to: evil, ref: 'refs/heads/behind' });
    const odd = await push({ to: evil, ref: 'refs/heads/a\u00a0b' }, { to: good, ref: 'refs/heads/too' });
    expect(Buffer.from(odd, 'latin1').toString()).toContain(
      'ng refs/heads/a\u00a0b refusing to allow a Personal Access Token',
    );
    expect(await evilRefs()).toBe('');
    expect((await server.fetch(`/api/v3/repos/eve/plans/git/ref/heads/too`, { token })).status).toBe(200);
    await client.close();
  });
});
