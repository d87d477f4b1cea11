// git's own credential helpers, and one that writes down what git tells it: what is kept, what is thrown away, and
// whether people are asked again when they should be. Everything turns on 401, 403 and 404 (ghes-spec 11).
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Machine, newMachine } from './machine.ts';
import { openPlace, type Place } from './place.ts';

let place: Place;
let machine: Machine;
let url: string;

beforeAll(async () => {
  place = await openPlace('helpers.latchkey.test');
  await place.server.person('mona');
  await place.server.person('paul');
  url = (await place.server.repository('mona', 'private', 'private')).cloneUrl;
  await place.server.repository('mona', 'public', 'public');
  await place.server.repository('paul', 'others', 'public');
});

afterAll(() => place?.[Symbol.asyncDispose]());

beforeEach(async () => {
  machine = await newMachine();
});

afterEach(() => machine?.[Symbol.asyncDispose]());

async function revoke(token: string): Promise<void> {
  const { status, stderr } = await place.server.cli(['token', 'revoke', '--token-stdin'], token);
  expect(status, stderr).toBe(0);
}

const reads = (password?: string, from = url) =>
  machine.try('git', ['ls-remote', from], password === undefined ? {} : { password });

/** A helper that remembers nothing of its own: it answers from a file, and writes down what it is told. */
async function recordingHelper() {
  await machine.install(
    'git-credential-recorder',
    `#!/bin/sh
{ echo "$1"; tee "$HOME/told"; } | grep -E '^(get|store|erase|password=)' | tr '\\n' ' ' >>"$HOME/calls"
echo >>"$HOME/calls"
[ "$1" = get ] && [ -f "$HOME/answer" ] && cat "$HOME/answer"
exit 0
`,
  );
  await machine.git(['config', '--global', 'credential.helper', 'recorder']);
  return {
    answer: (token: string) => writeFile(machine.path('answer'), `username=mona\npassword=${token}\n`),
    /** What git asked and told since the last time. */
    calls: async (): Promise<readonly string[]> => {
      const text = await readFile(machine.path('calls'), 'utf8');
      await writeFile(machine.path('calls'), '');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.trim());
    },
  };
}

describe('git', () => {
  describe('a helper that writes down what it is told', () => {
    it('is told to keep a good token', async () => {
      const token = await place.server.token('mona', ['repo']);
      const helper = await recordingHelper();
      expect(await reads(token)).toMatchObject({ status: 0 });
      expect(await helper.calls()).toEqual(['get', `store password=${token}`]);
    });

    it('is told to throw away a dead one, and its owner is asked anew', async () => {
      const dead = await place.server.token('mona', ['repo']);
      const helper = await recordingHelper();
      await helper.answer(dead);
      expect(await reads()).toMatchObject({ status: 0 });
      expect(await helper.calls()).toEqual(['get', `store password=${dead}`]);
      await revoke(dead);
      const refused = await reads();
      expect(refused.status).toBe(128);
      expect(refused.stderr).toContain('remote: Invalid username or password.');
      expect(refused.stderr).toContain(`fatal: Authentication failed for '${url}/'`);
      expect(await helper.calls()).toEqual(['get', `erase password=${dead}`]);
      await rm(machine.path('answer'));
      const fresh = await place.server.token('mona', ['repo']);
      expect(await reads(fresh)).toMatchObject({ status: 0 });
      expect(await helper.calls()).toEqual(['get', `store password=${fresh}`]);
    });

    it('keeps a token that may not push there (403)', async () => {
      const token = await place.server.token('mona', ['repo']);
      const helper = await recordingHelper();
      await helper.answer(token);
      await machine.commit('work');
      const push = ['push', `${place.url}/paul/others.git`, 'main'];
      const refused = await machine.try('git', push, { in: 'work' });
      expect(refused.status).toBe(128);
      expect(refused.stderr).toContain('remote: Permission to paul/others.git denied to mona.');
      expect((await helper.calls()).filter((call) => call.startsWith('erase'))).toEqual([]);
    });

    it('keeps a token that does not see the repository (404)', async () => {
      const weak = await place.server.token('mona', ['public_repo']);
      const helper = await recordingHelper();
      await helper.answer(weak);
      const refused = await reads();
      expect(refused.status).toBe(128);
      expect(refused.stderr).toContain('remote: Repository not found.');
      expect((await helper.calls()).filter((call) => call.startsWith('erase'))).toEqual([]);
      expect(await reads(undefined, `${place.url}/mona/public.git`)).toMatchObject({ status: 0 });
    });
  });

  describe('credential.helper store', () => {
    it('keeps a token in its file, loses it when it is dead, and keeps the next', async () => {
      await machine.git(['config', '--global', 'credential.helper', 'store']);
      const first = await place.server.token('mona', ['repo']);
      const second = await place.server.token('mona', ['repo']);
      const kept = () => readFile(machine.path('.git-credentials'), 'utf8');
      expect(await reads(first)).toMatchObject({ status: 0 });
      expect(await kept()).toBe(`https://mona:${first}@${place.host}\n`);
      expect(await reads()).toMatchObject({ status: 0 });
      await revoke(first);
      expect(await reads(second)).toMatchObject({ status: 128 });
      expect(await kept()).toBe('');
      expect(await reads(second)).toMatchObject({ status: 0 });
      expect(await kept()).toBe(`https://mona:${second}@${place.host}\n`);
      expect(await reads()).toMatchObject({ status: 0 });
    });

    it('gives a token that ran out away, too', async () => {
      await machine.git(['config', '--global', 'credential.helper', 'store']);
      const token = await place.server.token('mona', ['repo'], Date.now() + 2_500);
      expect(await reads(token)).toMatchObject({ status: 0 });
      await expect.poll(async () => (await reads()).status, { timeout: 10_000 }).toBe(128);
      expect(await readFile(machine.path('.git-credentials'), 'utf8')).toBe('');
    });
  });

  describe('credential.helper cache', () => {
    it('keeps a token in memory, loses it when it is dead, and keeps the next', async () => {
      await machine.git(['config', '--global', 'credential.helper', 'cache']);
      const first = await place.server.token('mona', ['repo']);
      const second = await place.server.token('mona', ['repo']);
      expect(await reads(first)).toMatchObject({ status: 0 });
      expect(await reads()).toMatchObject({ status: 0 });
      await revoke(first);
      expect(await reads(second)).toMatchObject({ status: 128 });
      expect(await reads(second)).toMatchObject({ status: 0 });
      expect(await reads()).toMatchObject({ status: 0 });
      expect(existsSync(machine.path('.git-credentials'))).toBe(false);
    });

    it('asks again once its time is over', async () => {
      await machine.git(['config', '--global', 'credential.helper', 'cache --timeout=3']);
      const token = await place.server.token('mona', ['repo']);
      expect(await reads(token)).toMatchObject({ status: 0 });
      expect(await reads()).toMatchObject({ status: 0 });
      // Asked itself, since each fetch begins its time anew.
      const input = `protocol=https\nhost=${place.host}\n`;
      const kept = async () => (await machine.try('git', ['credential-cache', 'get'], { input })).stdout;
      expect(await kept()).toContain(`password=${token}\n`);
      await expect.poll(kept, { timeout: 20_000, interval: 300 }).toBe('');
      expect((await reads()).stderr).toContain('could not read Username');
      expect(await reads(token)).toMatchObject({ status: 0 });
    });
  });
});
