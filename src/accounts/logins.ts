// User names by the rules of GitHub Enterprise Server: letters, digits and single hyphens, none of them at an
// end, at most 39 characters. They are unique without regard to case, and shown as they were chosen.
import type { Problem } from '../problems.ts';
import { isReserved } from './reserved.ts';

const MAX_LOGIN_LENGTH = 39;

const form = /^[a-z0-9]+(?:-[a-z0-9]+)*$/i;

/** Has it the form of a user name? Reserved ones have it too. Safe on text of any length. */
export function isLogin(text: string): boolean {
  return text.length <= MAX_LOGIN_LENGTH && form.test(text);
}

/** The form under which a login is looked up. */
export function loginKey(login: string): string {
  return login.toLowerCase();
}

/** What is wrong with a login that somebody wants to have; null: nothing. Whether it is taken is not asked. */
export function loginProblem(login: string): Problem | null {
  if (login === '') return { field: 'login', code: 'missing_field', message: "Username can't be blank." };
  if (login.length > MAX_LOGIN_LENGTH) {
    return {
      field: 'login',
      code: 'invalid',
      message: `Username is too long (at most ${MAX_LOGIN_LENGTH} characters).`,
    };
  }
  if (!form.test(login)) {
    const message =
      'Username may only contain letters, digits or single hyphens, and cannot begin or end with a hyphen.';
    return { field: 'login', code: 'invalid', message };
  }
  if (isReserved(login)) {
    return { field: 'login', code: 'invalid', message: 'Username is reserved: choose another one.' };
  }
  return null;
}
