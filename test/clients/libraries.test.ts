// Libraries by which people write clients of their own: PyGithub for the API, Dulwich and isomorphic-git for git. Each logs in, lists, clones and pushes as its documentation says.
import fs from 'node:fs';
import { join } from 'node:path';
import isomorphic from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Machine, newMachine } from './machine.ts';
import { isMissing, openPlace, type Place } from './place.ts';
import { systemPython } from './programs.ts';

let place: Place;
let machine: Machine;
let token: string;

beforeAll(async () => {
  place = await openPlace('libraries.latchkey.test');
  machine = await newMachine();
  await place.server.person('mona');
  token = await place.server.token('mona', ['repo', 'delete_repo', 'read:user']);
});

afterAll(async () => {
  await machine?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

/** Runs a script beside this file, and reads the line that it ends with. */
async function python(script: string, env: Readonly<Record<string, string>>): Promise<unknown> {
  const output = await machine.run(systemPython, [join(import.meta.dirname, script)], {
    env: { TOKEN: token, ...env },
  });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '');
}

describe.skipIf(isMissing('PyGithub'))('PyGithub', () => {
  it('logs in, makes repositories, lists pages, writes files, adds a deploy key, is refused', async () => {
    await machine.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', machine.path('robot')]);
    const key = fs.readFileSync(machine.path('robot.pub'), 'utf8');
    expect(await python('use-pygithub.py', { URL: place.url, KEY: key })).toEqual({
      login: 'mona',
      scopes: ['delete_repo', 'read:user', 'repo'],
      names: ['py-one', 'py-three', 'py-two'],
      text: '# Uno\n',
      messages: ['Second', 'First'],
      branches: ['main', 'next'],
      keys: ['robot'],
      description: 'Made by PyGithub',
      missing: 404,
      refused: 'Bad credentials',
    });
  });
});

describe.skipIf(isMissing('Dulwich'))('Dulwich', () => {
  it('pushes, clones, pulls, is refused', async () => {
    const { cloneUrl } = await place.server.repository('mona', 'dulwich', 'private');
    const found = await python('use-dulwich.py', { URL: cloneUrl });
    const { made } = found as { readonly made: string };
    expect(found).toEqual({ made, cloned: made, text: '# Dulwich\nMore\n', refused: true });
  });
});

describe('isomorphic-git', () => {
  it('pushes, clones, pulls, is refused', async () => {
    const { cloneUrl: url } = await place.server.repository('mona', 'isomorphic', 'private');
    const [dir, copy] = [machine.path('isomorphic'), machine.path('isomorphic-copy')];
    const onAuth = () => ({ username: 'mona', password: token });
    const author = { name: 'Mona', email: 'mona@example.com' };
    const commit = async (text: string) => {
      fs.writeFileSync(join(dir, 'README.md'), text);
      await isomorphic.add({ fs, dir, filepath: 'README.md' });
      const sha = await isomorphic.commit({ fs, dir, message: text, author });
      await isomorphic.push({ fs, http, dir, url, ref: 'main', onAuth });
      return sha;
    };
    await isomorphic.init({ fs, dir, defaultBranch: 'main' });
    const first = await commit('First');
    await isomorphic.clone({ fs, http, dir: copy, url, onAuth });
    expect(await isomorphic.resolveRef({ fs, dir: copy, ref: 'HEAD' })).toBe(first);
    const second = await commit('Second');
    await isomorphic.pull({ fs, http, dir: copy, ref: 'main', onAuth, author });
    expect(await isomorphic.resolveRef({ fs, dir: copy, ref: 'HEAD' })).toBe(second);
    // It asks once more after a refusal; what it is told then is the last word.
    const wrong = () => ({ username: 'mona', password: `ghp_${'0'.repeat(36)}` });
    const refused = isomorphic.getRemoteInfo({
      http,
      url,
      onAuth: wrong,
      onAuthFailure: () => ({ cancel: true }),
    });
    await expect(refused).rejects.toMatchObject({ code: 'UserCanceledError' });
  });
});
