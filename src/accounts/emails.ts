// E-mail addresses: the form that browsers accept in an e-mail field, bounded; unique without regard to case.
import type { Problem } from '../problems.ts';

/** RFC 5321 §4.5.3.1.3: a path holds at most 256 octets, two of which are the angle brackets. */
const MAX_EMAIL_LENGTH = 254;

// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
const form =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** The form under which an address is looked up. */
export function emailKey(email: string): string {
  return email.toLowerCase();
}

/** What is wrong with an address; null: nothing. Whether it is taken is not asked. */
export function emailProblem(email: string): Problem | null {
  if (email === '')
    return { field: 'email', code: 'missing_field', message: "Email address can't be blank." };
  if (email.length <= MAX_EMAIL_LENGTH && form.test(email)) return null;
  return {
    field: 'email',
    code: 'invalid',
    message: 'Email address is not valid: write it as name@example.com.',
  };
}
