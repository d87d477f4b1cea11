import { generateKey, readKey, revokeKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../../test/api.ts';
import { createOpenPgpReader } from './openpgp-reader.ts';

let api: TestApi;
let tokens: Record<'read' | 'write' | 'admin' | 'other', string>;
let armored: string;
let secret: string;

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGbHTLvFXHkWYcGWtZBIOZHgZ0qkH1zfbnwrM/8YLHHI';

beforeAll(async () => {
  api = await startApi();
  const ada = await api.person('ada');
  tokens = {
    read: await api.token(ada, ['read:gpg_key', 'read:ssh_signing_key']),
    write: await api.token(ada, ['write:gpg_key', 'write:ssh_signing_key']),
    admin: await api.token(ada, ['admin:gpg_key', 'admin:ssh_signing_key']),
    other: await api.token(ada, ['repo', 'user', 'admin:public_key']),
  };
  const made = await generateKey({
    type: 'ecc',
    userIDs: [
      { name: 'Ada', email: 'ada@example.com' },
      { name: 'Ada', email: 'ada@work.example' },
    ],
    keyExpirationTime: 365 * 24 * 60 * 60,
    subkeys: [{ sign: true }, {}],
    format: 'armored',
  });
  armored = made.publicKey;
  secret = made.privateKey;
});

afterAll(() => api.close());

describe('GPG keys', () => {
  it('are read from what was pasted, listed for all, and deleted', async () => {
    const body = { name: 'Laptop', armored_public_key: armored };
    const added = await api.call('POST', '/user/gpg_keys', { token: tokens.write, body });
    expect(added.statusCode, added.body).toBe(201);
    const key = await readKey({ armoredKey: armored });
    expect(added.json()).toMatchObject({
      name: 'Laptop',
      key_id: key.getKeyID().toHex().toUpperCase(),
      primary_key_id: null,
      emails: [
        { email: 'ada@example.com', verified: true },
        { email: 'ada@work.example', verified: false },
      ],
      can_certify: true,
      can_sign: true,
      can_encrypt_comms: false,
      revoked: false,
      subkeys: [
        { can_sign: true, can_certify: false, primary_key_id: added.json().id },
        { can_encrypt_comms: true, can_encrypt_storage: true },
      ],
    });
    expect(added.json().expires_at).toMatch(/^\d{4}-/);
    expect(added.json().raw_key).toContain('BEGIN PGP PUBLIC KEY');
    const again = await api.call('POST', '/user/gpg_keys', { token: tokens.write, body });
    expect([again.statusCode, again.json().errors[0].message]).toEqual([422, 'key_id already exists']);
    const { id } = added.json();
    expect((await api.get('/users/ada/gpg_keys')).json()).toMatchObject([{ id }]);
    expect((await api.get(`/user/gpg_keys/${id}`, tokens.read)).statusCode).toBe(200);
    expect((await api.get(`/user/gpg_keys/${added.json().subkeys[0].id}`, tokens.read)).statusCode).toBe(404);
    const remove = async (token: string) =>
      (await api.call('DELETE', `/user/gpg_keys/${id}`, { token })).statusCode;
    expect(await remove(tokens.write)).toBe(404);
    expect(await remove(tokens.admin)).toBe(204);
    expect(await remove(tokens.admin)).toBe(404);
    expect((await api.get('/user/gpg_keys', tokens.read)).json()).toEqual([]);
  });

  it('are refused when they are none, private, forged or endless', async () => {
    const post = async (text: string) => {
      const body = { armored_public_key: text };
      const answer = await api.call('POST', '/user/gpg_keys', { token: tokens.write, body });
      return [answer.statusCode, answer.json().errors?.[0].field];
    };
    const lines = armored.split('\n');
    // The key's own material, which its signatures are about.
    const broken = armored.replace(lines[2] ?? '', `${lines[2]?.slice(0, 40)}${'A'.repeat(24)}`);
    for (const text of [
      '',
      'hello',
      secret,
      broken,
      armored + armored,
      'x'.repeat(300_000),
      armored.slice(0, 400),
    ]) {
      expect(await post(text), text.slice(0, 40)).toEqual([422, 'armored_public_key']);
    }
    const slow = createOpenPgpReader({ timeoutMs: 1 });
    expect(await slow.read(armored)).toEqual({ ok: false, why: 'It takes too long to read.' });
  });

  it('tell that they were revoked', async () => {
    const { publicKey } = await revokeKey({
      key: (await readKey({ armoredKey: secret })) as never,
      format: 'armored',
    });
    const body = { armored_public_key: publicKey };
    const added = await api.call('POST', '/user/gpg_keys', { token: tokens.write, body });
    expect([added.statusCode, added.json().revoked], added.body).toEqual([201, true]);
  });
});

describe('SSH signing keys', () => {
  it('are added without their comment, listed for all, and deleted', async () => {
    const body = { title: 'Laptop', key: `${ed25519} ada@laptop` };
    const added = await api.call('POST', '/user/ssh_signing_keys', { token: tokens.write, body });
    expect(added.statusCode, added.body).toBe(201);
    expect(added.json()).toMatchObject({ title: 'Laptop', key: ed25519 });
    const again = await api.call('POST', '/user/ssh_signing_keys', { token: tokens.admin, body });
    expect([again.statusCode, again.json().errors[0].message]).toEqual([422, 'key is already in use']);
    expect((await api.get('/users/ada/ssh_signing_keys')).json()).toMatchObject([{ key: ed25519 }]);
    const path = `/user/ssh_signing_keys/${added.json().id}`;
    expect((await api.get(path, tokens.read)).statusCode).toBe(200);
    expect((await api.call('DELETE', path, { token: tokens.admin })).statusCode).toBe(204);
  });
});

describe('the scopes of keys that sign', () => {
  it.each(['gpg_keys', 'ssh_signing_keys'])('are three for %s, and no other opens them', async (path) => {
    const status = async (method: 'GET' | 'POST', token: string | null) => {
      const body = { key: 'x', armored_public_key: 'x' };
      return (await api.call(method, `/user/${path}`, { token, ...(method === 'POST' ? { body } : {}) }))
        .statusCode;
    };
    expect(await status('GET', null)).toBe(401);
    expect(await status('GET', tokens.other)).toBe(404);
    expect(await status('GET', tokens.read)).toBe(200);
    expect(await status('POST', tokens.read)).toBe(404);
    expect(await status('POST', tokens.other)).toBe(404);
    expect(await status('POST', tokens.write)).toBe(422);
    expect((await api.get(`/users/nobody/${path}`)).statusCode).toBe(404);
  });
});
