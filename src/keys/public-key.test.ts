import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, isForBuiltInServer, parsePublicKey } from './public-key.ts';

const field = (bytes: Uint8Array | string) => {
  const data = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
};
const number = (base64url = '') => {
  const bytes = Buffer.from(base64url, 'base64url');
  return field((bytes[0] ?? 0) >= 128 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};
const line = (type: string, ...fields: Buffer[]) =>
  `${type} ${Buffer.concat([field(type), ...fields]).toString('base64')}`;

const jwk = (key: KeyObject) => key.export({ format: 'jwk' });
const raw = (base64url = '') => Buffer.from(base64url, 'base64url');
const rsa = (bits: number) => {
  const { n, e } = jwk(generateKeyPairSync('rsa', { modulusLength: bits }).publicKey);
  return line('ssh-rsa', number(e), number(n));
};
const ecdsa = (curve: 'P-256' | 'P-384' | 'P-521', name: string) => {
  const { x, y } = jwk(generateKeyPairSync('ec', { namedCurve: curve }).publicKey);
  return line(`ecdsa-sha2-${name}`, field(name), field(Buffer.concat([Buffer.of(4), raw(x), raw(y)])));
};
const ed25519 = () => line('ssh-ed25519', field(raw(jwk(generateKeyPairSync('ed25519').publicKey).x)));
const problem = (text: string) => {
  const outcome = parsePublicKey(text);
  return outcome.ok ? null : outcome.problems[0];
};

describe('a public key', () => {
  it('of every good kind is taken, without its comment', () => {
    const good = [
      ed25519(),
      ecdsa('P-256', 'nistp256'),
      ecdsa('P-384', 'nistp384'),
      ecdsa('P-521', 'nistp521'),
      rsa(2048),
    ];
    for (const text of good) {
      const comment = 'ada@laptop with  spaces';
      expect(parsePublicKey(`  ${text} ${comment}\n`)).toMatchObject({ ok: true, value: { text, comment } });
      expect(parsePublicKey(text)).toMatchObject({ ok: true, value: { text, comment: '' } });
    }
  });

  it('has the fingerprint that ssh-keygen shows', () => {
    // By `ssh-keygen -l` of OpenSSH 9.2.
    const text = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1K6QMaXRFyZc7FyCXPlhHh95LVUooHXB9uKr/bsIKO';
    const blob = Buffer.from(text.split(' ')[1] ?? '', 'base64');
    expect(fingerprintOf(blob)).toBe('SHA256:rdRrbZ85nykGUd3BczVeCuO7TYHa5j/LN0DxhXQrdBs');
    expect(parsePublicKey(text)).toMatchObject({ value: { fingerprint: fingerprintOf(blob) } });
  });

  it('has one form only: numbers with zeros before them are another key’s disguise', () => {
    const { n, e } = jwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
    const modulus = Buffer.concat([Buffer.of(0), raw(n)]);
    expect(problem(line('ssh-rsa', number(e), field(modulus)))).toBeNull();
    const longer = Buffer.concat([Buffer.of(0), modulus]);
    expect(problem(line('ssh-rsa', number(e), field(longer)))?.message).toContain('damaged');
    expect(problem(line('ssh-rsa', number(e), field(raw(n))))?.message).toContain('damaged');
  });

  it('of a security key is taken, and known to need OpenSSH', () => {
    const point = raw(jwk(generateKeyPairSync('ed25519').publicKey).x);
    const text = line('sk-ssh-ed25519@openssh.com', field(point), field('ssh:'));
    expect(parsePublicKey(text)).toMatchObject({ ok: true, value: { text } });
    expect(isForBuiltInServer('sk-ssh-ed25519@openssh.com')).toBe(false);
    expect(isForBuiltInServer('ssh-ed25519')).toBe(true);
  });

  it('that is too weak is refused, and its neighbour is not', () => {
    expect(problem(rsa(1024))?.message).toBe(
      'key is invalid. RSA keys need 2048 bits or more; this one has 1024.',
    );
    expect(problem('ssh-dss AAAAB3NzaC1kc3MAAACB')?.message).toContain('DSA keys are too weak');
  });

  it('that is none is refused with a reason', () => {
    const good = ed25519();
    for (const text of [
      '',
      'hello',
      'ssh-ed25519',
      'ssh-ed25519 !!!!',
      good.slice(0, -4),
      `${good}\n${good}`,
      `command="id" ${good}`,
      good.replace('ssh-ed25519', 'ssh-rsa'),
      line('ssh-ed25519', field(Buffer.alloc(31))),
      line(
        'ecdsa-sha2-nistp256',
        field('nistp256'),
        field(Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)])),
      ),
      'x'.repeat(10_000),
    ]) {
      expect(problem(text)?.message).toMatch(/^key is invalid\. ./);
    }
    expect(problem('-----BEGIN OPENSSH PRIVATE KEY-----')?.message).toContain('private key');
  });

  it('made of anything at all never throws', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('ssh-rsa', 'ssh-ed25519', 'ecdsa-sha2-nistp256'),
        fc.uint8Array(),
        (type, bytes) => {
          const blob = Buffer.concat([field(type), Buffer.from(bytes)]);
          expect(parsePublicKey(`${type} ${blob.toString('base64')}`)).toHaveProperty('ok');
        },
      ),
    );
  });
});
