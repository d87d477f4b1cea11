import { describe, expect, it } from 'vitest';
import { emailProblem } from './emails.ts';
import { isLogin, loginProblem } from './logins.ts';
import { assertReserved } from './reserved.ts';

describe('a user name', () => {
  it.each(['a', 'octocat', 'Mona-Lisa', '007', 'a-b-c', 'x'.repeat(39)])('may be %s', (login) => {
    expect(loginProblem(login)).toBeNull();
    expect(isLogin(login)).toBe(true);
  });

  it.each([
    ['a leading hyphen', '-octocat'],
    ['a hyphen at the end', 'octocat-'],
    ['two hyphens in a row', 'octo--cat'],
    ['an underscore', 'octo_cat'],
    ['a dot', 'octo.cat'],
    ['a slash', 'octo/cat'],
    ['a blank', 'octo cat'],
    ['a line break at the end', 'octocat\n'],
    ['a letter that looks like another', 'οctocat'],
    ['forty characters', 'x'.repeat(40)],
    ['a million characters', 'x-'.repeat(500_000)],
    ['nothing in it', ''],
  ])('may not have %s', (_what, login) => {
    expect(loginProblem(login)).toMatchObject({ field: 'login' });
    expect(isLogin(login)).toBe(false);
  });

  it.each(['settings', 'Login', 'API', 'admin', 'healthz'])('may not be the page %s', (login) => {
    expect(loginProblem(login)?.message).toMatch(/reserved/);
  });
});

describe('the pages of the server', () => {
  it('are safe from being taken as user names', () => {
    expect(() => assertReserved(['login', 'settings', 'robots.txt', '_internal', 'API'])).not.toThrow();
  });

  it('keep the server from starting when one could be', () => {
    expect(() => assertReserved(['login', 'my-new-page', 'my-new-page', 'other-page'])).toThrow(
      /my-new-page, other-page\. Reserve them/,
    );
  });
});

describe('an e-mail address', () => {
  it.each(['mona@example.com', 'm+tag@sub.example.co', 'root@localhost', "o'hara@example.ie"])(
    'may be %s',
    (email) => expect(emailProblem(email)).toBeNull(),
  );

  it.each([
    '',
    'mona',
    '@example.com',
    'mona@',
    'mona@-example.com',
    'mona@example.com\r\nBcc: all@example.com',
    'a b@example.com',
    'mona@example..com',
    `${'x'.repeat(65)}@example.com`,
    `mona@${'x.'.repeat(200)}com`,
    `${'a@'.repeat(100_000)}`,
  ])('may not be %j', (email) => expect(emailProblem(email)).toMatchObject({ field: 'email' }));
});
