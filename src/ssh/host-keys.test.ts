import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { soundKey } from './host-keys.ts';

it('makes another host key where the library made a damaged one', async () => {
  const { private: good } = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
  const damaged = good.replace(/^(.*\n)(.{60})/m, '$1');
  const made = [damaged, good];
  expect(await soundKey(async () => ({ private: made.shift() ?? '' }))).toBe(good);
  expect(made).toEqual([]);
});

it('gives up where no key is sound', async () => {
  await expect(soundKey(async () => ({ private: 'no key' }))).rejects.toThrow('No sound host key');
});
