// What is wrong with something that a person or program asked for: data that each way in says in its own words
// (REST: 422 with `errors`, ghes-spec 5.2; pages: beside the field; CLI: one sentence).

export interface Problem {
  /** The input field, by its API name: `note`, `login`, `name`. */
  readonly field: string;
  readonly code: 'missing_field' | 'invalid' | 'already_exists' | 'custom';
  /** A sentence for people, without a secret in it: "Note has already been taken." */
  readonly message: string;
}

/** What comes of an attempt: the value, or all that is wrong with the input. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refused(...problems: readonly Problem[]): {
  readonly ok: false;
  readonly problems: readonly Problem[];
} {
  return { ok: false, problems };
}

/** One line, bounded, with nothing that hides or reorders the text around it. */
export function textProblem(field: string, label: string, text: string | null, max: number): Problem | null {
  if (text === null) return null;
  if (text.length > max)
    return { field, code: 'invalid', message: `${label} is too long (at most ${max} characters).` };
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text))
    return { field, code: 'invalid', message: `${label} contains characters that cannot be shown.` };
  return null;
}
