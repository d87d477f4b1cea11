import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestContext, testContext } from '../../test/context.ts';
import { defaultPasswordCost } from '../config/config.ts';
import { Secret } from '../secrets/secret.ts';
import { hashPassword, PasswordsBusyError, passwordProblem, verifyPassword } from './passwords.ts';

let ctx: TestContext;
beforeEach(async () => {
  ctx = await testContext({ passwordCost: defaultPasswordCost });
});
afterEach(() => ctx.db.destroy());

const good = new Secret('tr0mbone-under-glass');

describe('a password', () => {
  it.each([
    'tr0mbone-under-glass',
    'korrekt horse battery',
    'пароль-из-слов',
    '🐙🐙🦑🦑🐡🐡🐬🐬',
    'x9$kLm2q',
  ])('may be %s', (text) =>
    expect(passwordProblem(new Secret(text), ['octocat', 'mona@example.com'])).toBeNull(),
  );

  it.each([
    ['empty', ''],
    ['of seven characters', 'x9$kLm2'],
    ['the first that everybody tries', 'Password1!'],
    ['the same with signs for letters', 'P@ssw0rd2026'],
    ['a row of the keyboard', 'qwertyuiop'],
    ['a sequence of digits', '98765432'],
    ['one letter over and over', 'aaaaaaaaaaaa'],
    ['the user name', 'Octocat-2026'],
    ['the e-mail address', 'mona.lisa@example.com'],
    ['longer than a kilobyte', 'xy9'.repeat(342)],
    ['longer than a kilobyte in bytes', 'ж9ф'.repeat(205)],
    ['a megabyte', 'xy9'.repeat(400_000)],
  ])('may not be %s', (_what, text) => {
    const names = ['octocat', 'mona.lisa@example.com'];
    expect(passwordProblem(new Secret(text), names)).toMatchObject({ field: 'password' });
  });

  it('is stored as Argon2id with the parameters in it, salted, and never twice the same', async () => {
    const [one, two] = [await hashPassword(ctx, good), await hashPassword(ctx, good)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword(ctx, good, one)).toBe('right');
    expect(await verifyPassword(ctx, new Secret('tr0mbone-under-glasS'), one)).toBe('wrong');
  });

  it('verifies against a hash that the reference implementation made', async () => {
    // argon2 (phc-winner-argon2), README: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 24
    const reference =
      '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await verifyPassword(ctx, new Secret('password'), reference)).toBe('rehash');
    expect(await verifyPassword(ctx, new Secret('passwort'), reference)).toBe('wrong');
  });

  it('is the same however the keyboard composed its letters', async () => {
    const stored = await hashPassword(ctx, new Secret('caf\u00e9-au-lait'));
    expect(await verifyPassword(ctx, new Secret('cafe\u0301-au-lait'), stored)).toBe('right');
  });

  it('is asked to be stored anew when the parameters have grown since', async () => {
    const old = await hashPassword(ctx, good, { memory: 8192, passes: 1, parallelism: 1 });
    expect(await verifyPassword(ctx, good, old)).toBe('rehash');
    expect(await verifyPassword(ctx, new Secret('wrong-trombone'), old)).toBe('wrong');
  });

  it('is wrong where none is stored, and where what is stored is damaged', async () => {
    expect(await verifyPassword(ctx, good, null)).toBe('wrong');
    expect(await verifyPassword(ctx, good, '$argon2id$v=19$broken')).toBe('wrong');
  });

  it('is turned away, not queued for ever, when too many are being checked', async () => {
    const crowd = await Promise.allSettled(Array.from({ length: 80 }, () => verifyPassword(ctx, good, null)));
    const away = crowd.filter((one) => one.status === 'rejected');
    expect(away).toHaveLength(80 - 2 - 64);
    expect(away[0]?.reason).toBeInstanceOf(PasswordsBusyError);
    expect(await verifyPassword(ctx, good, null)).toBe('wrong');
  });
});
