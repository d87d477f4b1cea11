import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../network/addresses.ts';
import { Secret } from '../secrets/secret.ts';
import { checkUrl } from './address.ts';

const check = (
  url: string,
  {
    addresses = ['93.184.216.34'],
    allowPrivate = false,
    username,
  }: {
    readonly addresses?: readonly string[];
    readonly allowPrivate?: boolean;
    readonly username?: string;
  } = {},
) =>
  checkUrl(url, {
    allowPrivate,
    resolve: async () => addresses,
    credentials: username === undefined ? null : { username, password: new Secret('hunter2') },
  });

const message = async (attempt: ReturnType<typeof check>): Promise<string> => {
  const outcome = await attempt;
  return outcome.ok ? '' : outcome.problems.map((problem) => problem.message).join(' ');
};

describe('a public address', () => {
  it.each([
    '8.8.8.8',
    '93.184.216.34',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '172.32.0.1',
  ])('is %s', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::808:808',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:808:808::1',
    '3fff::1',
    '5f00::1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'not an address',
    '',
  ])('is not %s', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('an address to import from', () => {
  it('is handed to git with the addresses that were checked', async () => {
    expect(await check('https://Git.Example.com/o/r.git')).toEqual({
      ok: true,
      value: { url: 'https://git.example.com/o/r.git', pin: 'git.example.com:443:93.184.216.34' },
    });
    expect(await check('http://git.example.com.:8080/r', { addresses: ['1.1.1.1', '2606:4700::1'] })).toEqual(
      {
        ok: true,
        value: { url: 'http://git.example.com:8080/r', pin: 'git.example.com:8080:1.1.1.1,[2606:4700::1]' },
      },
    );
    expect(await check('https://8.8.8.8/r')).toEqual({
      ok: true,
      value: { url: 'https://8.8.8.8/r', pin: null },
    });
  });

  it.each([
    'file:///etc/passwd',
    'ssh://git@example.com/r',
    'git://example.com/r',
    'ext::sh -c id',
    'fd::17',
    'ftp://example.com/r',
    'git@example.com:r',
    '/srv/r',
    '--upload-pack=id',
    'javascript:alert(1)',
    'http://',
    '',
    'http::https://example.com/r',
  ])('is not %j', async (url) => expect(await message(check(url))).toContain('https:// or http://'));

  it.each([
    'http://127.0.0.1/r',
    'http://127.1/r',
    'http://0x7f.1/r',
    'http://2130706433/r',
    'http://017700000001/r',
    'http://0/r',
    'http://[::1]/r',
    'http://[::ffff:7f00:1]/r',
    'http://169.254.169.254/latest',
    'http://localhost/r',
    'http://LOCALHOST./r',
    'http://x.localhost/r',
    'http://\u2460\u2461\u2466.0.0.1/r',
    'http://127。0。0。1/r',
  ])('is not %s, since it is not public', async (url) =>
    expect(await message(check(url))).toContain('not a public address'),
  );

  it('is judged by every address that its name has', async () => {
    expect(await message(check('http://x.example/r', { addresses: ['127.0.0.1'] }))).toContain(
      'not a public',
    );
    expect(await message(check('http://x.example/r', { addresses: ['8.8.8.8', '10.0.0.1'] }))).toContain(
      'not a public',
    );
    expect(await message(check('http://x.example/r', { addresses: [] }))).toContain('could not be resolved');
    const value = { pin: 'x.example:80:127.0.0.1' };
    expect(await check('http://x.example/r', { addresses: ['127.0.0.1'], allowPrivate: true })).toMatchObject(
      {
        ok: true,
        value,
      },
    );
  });

  it('holds no user name, password, query or fragment', async () => {
    for (const url of [
      'https://ann@x.example/r',
      'https://ann:hunter2@x.example/r',
      'https://:p@x.example/r',
    ]) {
      const text = await message(check(url));
      expect(text).toContain('must not contain a user name or password');
      expect(text).not.toContain('hunter2');
    }
    expect(await message(check('https://x.example/r?token=1'))).toContain('? or #');
    expect(await message(check('https://x.example/r#x'))).toContain('? or #');
    expect(await message(check(`https://x.example/${'r'.repeat(3000)}`))).toContain('too long');
  });

  it('gets a password only over TLS or on this machine, and only one that is a line', async () => {
    expect(await message(check('https://x.example/r', { username: 'ann' }))).toBe('');
    expect(await message(check('http://x.example/r', { username: 'ann' }))).toContain(
      'https:// addresses only',
    );
    const local = { addresses: ['127.0.0.1'], allowPrivate: true, username: 'ann' };
    expect(await message(check('http://x.example/r', local))).toBe('');
    expect(await message(check('https://x.example/r', { username: 'ann\nhost=evil' }))).toContain(
      'line breaks',
    );
  });
});
