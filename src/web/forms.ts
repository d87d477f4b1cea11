// Reading submitted forms: bounded, and with names that repeat (a group of checkboxes) as lists.

export type FormFields = Readonly<Record<string, string | readonly string[]>>;

/** No form of ours is larger. */
export const FORM_BYTES = 256 * 1024;
const MAX_FIELDS = 1000;

/** Thrown for forms with more fields than any of ours; answered as 400. */
class TooManyFieldsError extends Error {
  readonly statusCode = 400;
  constructor() {
    super('The form has too many fields.');
  }
}

/** Parses `application/x-www-form-urlencoded`. */
export function parseForm(text: string): FormFields {
  const fields: Record<string, string | string[]> = Object.create(null);
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    if (++count > MAX_FIELDS) throw new TooManyFieldsError();
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (typeof before === 'string') fields[name] = [before, value];
    else before.push(value);
  }
  return fields;
}

/** What must never come back in a page, even to the person who typed it. */
const unrepeatable = /password|secret|code|(?:^|_)token$/i;

/** Is there something among these fields that must not be sent a second time? By their names. */
export function holdsSecret(fields: FormFields): boolean {
  return Object.keys(fields).some((name) => unrepeatable.test(name));
}

/** Every field with its text, one by one, as hidden fields of another form repeat them. */
export function fieldPairs(fields: FormFields): readonly (readonly [string, string])[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((text) => [name, text] as const),
  );
}

/** The field's text; the last one where it repeats, empty where it is missing. */
export function textOf(fields: FormFields | null | undefined, name: string): string {
  const value = fields?.[name];
  return typeof value === 'string' ? value : (value?.at(-1) ?? '');
}

/** All texts of a field that may repeat. */
export function listOf(fields: FormFields | null | undefined, name: string): readonly string[] {
  const value = fields?.[name];
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}
