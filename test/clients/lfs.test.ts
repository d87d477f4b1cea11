// git-lfs, on a server that keeps no large files yet: who has it installed can work with repositories that have none,
// and who needs it is told that it is missing, in words, once, and without being asked for other credentials.
import { appendFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Machine, newMachine } from './machine.ts';
import { isMissing, openPlace, type Place } from './place.ts';

describe.skipIf(isMissing('git-lfs'))('git-lfs', () => {
  let place: Place;
  let machine: Machine;
  let token: string;
  let url: string;

  beforeAll(async () => {
    place = await openPlace('lfs.latchkey.test');
    machine = await newMachine();
    await place.server.person('mona');
    token = await place.server.token('mona', ['repo']);
    url = (await place.server.repository('mona', 'large', 'private')).cloneUrl;
    await machine.git(['lfs', 'install']);
    await machine.git(['config', '--global', 'credential.helper', 'store']);
    await machine.commit('work');
    await machine.git(['lfs', 'install', '--local'], { in: 'work' });
    await machine.git(['remote', 'add', 'origin', url], { in: 'work' });
  });

  afterAll(async () => {
    await machine?.[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
  });

  it('pushes and clones what has no large files, its hooks installed', async () => {
    const pushed = await machine.try('git', ['push', '-u', 'origin', 'main'], {
      in: 'work',
      password: token,
    });
    expect(pushed, pushed.stderr).toMatchObject({ status: 0 });
    expect(pushed.stderr).not.toMatch(/lfs.*(?:error|fail)/i);
    await machine.git(['clone', '-q', url, 'copy'], { password: token });
    expect(await machine.git(['lfs', 'ls-files'], { in: 'copy' })).toBe('');
  });

  it('says of locks that there is no LFS', async () => {
    const { status, stderr } = await machine.try('git', ['lfs', 'locks'], { in: 'work', password: token });
    expect(status).not.toBe(0);
    expect(stderr).toContain('Git LFS is not available on this server.');
  });

  it('says of a large file that there is no LFS, before anything is pushed', async () => {
    await machine.git(['lfs', 'track', '*.bin'], { in: 'work' });
    await appendFile(machine.path('work', 'film.bin'), Buffer.alloc(100_000, 7));
    await machine.git(['add', '.'], { in: 'work' });
    await machine.git(['commit', '-q', '-m', 'Film'], { in: 'work' });
    const { status, stderr } = await machine.try('git', ['push', 'origin', 'main'], {
      in: 'work',
      password: token,
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain('Git LFS is not available on this server.');
    expect(await machine.git(['rev-list', '--count', 'origin/main'], { in: 'work' })).toBe('1\n');
  });

  it('leaves the token that git keeps in its place', async () => {
    expect(await machine.git(['ls-remote', url])).toContain('refs/heads/main');
  });
});
