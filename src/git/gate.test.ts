// The gate of a push as its client and the repository's own hooks see it: what the report says, in every form of it.
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GitClient } from '../../test/git-client.ts';
import { ask, basic } from '../../test/http.ts';
import { type Pushing, startPushing } from '../../test/pushing.ts';
import { gatesDirectory, openGate } from './gate.ts';
import { flushPkt, pktLine } from './pkt-line.ts';
import { sweepGitLeftovers } from './sweep.ts';
import { workflowRefusal } from './workflows.ts';

let pushing: Pushing;
let client: GitClient;
/** Without `workflow`. */
let weak: string;
const work: Pushing['work'] = (options) => pushing.work(options);

beforeAll(async () => {
  pushing = await startPushing();
  ({ client, weak } = pushing);
});

afterAll(() => pushing.close());

const file = '.github/workflows/x.yml';
const refusal = workflowRefusal(file);

describe('the report', () => {
  /** A push as its bytes, of one commit with a workflow file; gives the report's lines. */
  async function report(capabilities: string): Promise<string> {
    const it = await work();
    const from = await it.git('rev-parse', 'HEAD');
    const to = await it.commit({ [file]: 'x' });
    const pack = await client.try(['pack-objects', '--stdout', '--revs', '-q'], {
      in: it.name,
      input: `${to}\n^${from}\n`,
    });
    const child = client.start(['pack-objects', '--stdout', '--revs', '-q'], { in: it.name });
    const pieces: Buffer[] = [];
    child.stdout?.on('data', (piece: Buffer) => pieces.push(piece));
    child.stdin?.end(`${to}\n^${from}\n`);
    await new Promise((resolve) => child.once('close', resolve));
    expect(pack.status).toBe(0);
    const body = Buffer.concat([
      pktLine(`${from} ${to} refs/heads/main\0${capabilities}`),
      pktLine(`${'0'.repeat(40)} ${from} refs/heads/fine`),
      flushPkt,
      ...pieces,
    ]);
    const answer = await ask(`${it.repository.url}/git-receive-pack`, {
      method: 'POST',
      headers: { ...basic('x', weak), 'content-type': 'application/x-git-receive-pack-request' },
      body,
    });
    expect(answer.status).toBe(200);
    return answer.body.toString();
  }

  const lines = (refusedToo: string) =>
    `${pktLine('unpack ok\n')}${pktLine(`ng refs/heads/main ${refusal}\n`)}${refusedToo}`;

  it.each(['report-status', 'report-status-v2'])('comes without a band by %s', async (form) => {
    expect(await report(form)).toBe(`${lines(pktLine('ok refs/heads/fine\n').toString())}0000`);
    expect(await report(`${form} atomic`)).toBe(
      `${lines(pktLine('ng refs/heads/fine atomic push failure\n').toString())}0000`,
    );
  });

  it.each(['report-status', 'report-status-v2'])('comes in its band by %s', async (form) => {
    const text = await report(`${form} side-band-64k`);
    expect(text).toContain(`\x01${pktLine(`ng refs/heads/main ${refusal}\n`)}`);
    expect(text).toContain(`\x01${pktLine('ok refs/heads/fine\n')}`);
    expect(text).not.toContain('hook');
  });

  it('is left out for who wants none, and the ref stays', async () => {
    expect(await report('quiet')).toBe('');
  });
});

describe("a repository's own hooks", () => {
  it('run beside the check, with what they are told and what they say', async () => {
    const it = await work();
    const hooks = join(it.repository.directory, 'hooks');
    await mkdir(hooks, { recursive: true });
    const hook = async (name: string, text: string) => {
      await writeFile(join(hooks, name), `#!/bin/sh\n${text}\n`);
      await chmod(join(hooks, name), 0o755);
    };
    const log = client.path(`hooks-${it.name}`);
    await hook(
      'pre-receive',
      `echo "in ${'$'}{GIT_QUARANTINE_PATH:+quarantine}"; cat >>${log}; for fd in 3 4; do [ ! -e /proc/$$/fd/$fd ] || echo $fd; done >>${log}.fd`,
    );
    await hook('update', `echo "update $1" >>${log}; [ "$1" != refs/heads/unwanted ]`);
    await hook('post-receive', `echo "post from $0" >>${log}; cat >>${log}`);
    const head = await it.commit({ 'a.txt': 'a' });
    await it.git('branch', 'unwanted');
    await it.git('checkout', '-qb', 'flow');
    await it.commit({ [file]: 'x' });
    const { stderr } = await it.push(weak, 'main', 'unwanted', 'flow');
    expect(stderr).toContain('remote: in quarantine');
    expect(stderr).toContain('! [remote rejected] unwanted -> unwanted (hook declined)');
    expect(stderr).toContain('remote: error: hook declined to update refs/heads/unwanted');
    expect(stderr).toContain(`! [remote rejected] flow -> flow (${refusal})`);
    const text = await readFile(log, 'utf8');
    // The hook before all is asked about all; the others only about what is left.
    expect(text).toMatch(new RegExp(`^\\w+ ${head} refs/heads/main\n`));
    expect(text).toContain('refs/heads/flow\n');
    expect(text).toContain('update refs/heads/main\nupdate refs/heads/unwanted\n');
    expect(text).not.toContain('update refs/heads/flow');
    expect(text).toContain(`post from ${join(hooks, 'post-receive')}\n`);
    // Nothing of the gate is open to them.
    expect(await readFile(`${log}.fd`, 'utf8')).toBe('');
    expect(await it.refs()).toEqual(['refs/heads/main']);
  });
});

describe('the gate', () => {
  it('leaves a folder when its server is killed, that is swept as what git leaves is', async () => {
    const { repository } = await work();
    const { ctx } = pushing.server;
    const gate = await openGate(ctx.config, repository.directory);
    const folders = () => readdir(gatesDirectory(ctx.config));
    expect(await folders()).toHaveLength(1);
    const later = { ...ctx, now: () => Date.now() + ctx.config.limits.gitRequestMs + 3_600_000 };
    await sweepGitLeftovers({ ...ctx, now: () => Date.now() }, Date.now());
    expect(await folders()).toHaveLength(1);
    await sweepGitLeftovers(later, Date.now());
    expect(await folders()).toEqual([]);
    await gate.close();
  });
});
