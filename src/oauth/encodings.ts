// The three forms in which applications are answered, as they ask by `Accept`: a form, JSON or XML (ghes-spec 8.1);
// and the two in which they send, a form or JSON.

export type Encoding = 'form' | 'json' | 'xml';

/** What is answered; numbers stay numbers in JSON. */
export type AnswerFields = Readonly<Record<string, string | number>>;

const types: readonly (readonly [RegExp, Encoding])[] = [
  [/^(application|text)\/([\w.-]+\+)?json$/, 'json'],
  [/^(application|text)\/([\w.-]+\+)?xml$/, 'xml'],
  [/^application\/x-www-form-urlencoded$/, 'form'],
];

/** The one that the header likes best; a form where it likes none of them, or all the same. */
export function encodingFor(accept: string | undefined): Encoding {
  const liked = (accept ?? '').split(',', 20).flatMap((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const quality = parameters.find((text) => text.startsWith('q='));
    const q = quality === undefined ? 1 : Number(quality.slice(2));
    const found = types.find(([pattern]) => pattern.test(type));
    return found === undefined || !(q > 0) ? [] : [{ encoding: found[1], q }];
  });
  return liked.sort((a, b) => b.q - a.q)[0]?.encoding ?? 'form';
}

export const contentTypes: Readonly<Record<Encoding, string>> = {
  form: 'application/x-www-form-urlencoded; charset=utf-8',
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
};

export function encode(encoding: Encoding, fields: AnswerFields): string {
  if (encoding === 'json') return JSON.stringify(fields);
  const pairs = Object.entries(fields).map(([name, value]) => [name, String(value)] as const);
  if (encoding === 'form') return new URLSearchParams(pairs.map(([...pair]) => pair)).toString();
  const elements = pairs.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<OAuth>${elements.join('')}</OAuth>`;
}

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Parameters of a request by their names; none has two values. */
export type Parameters = ReadonlyMap<string, string>;

const MAX_PARAMETERS = 100;

/**
 * The parameters of address and body together. Null: one comes twice, so that two readers may take different ones
 * (RFC 6749 §3.1), or there are too many.
 */
export function readParameters(sources: Iterable<Iterable<readonly [string, string]>>): Parameters | null {
  const parameters = new Map<string, string>();
  for (const source of sources) {
    for (const [name, value] of source) {
      if (parameters.has(name) || parameters.size >= MAX_PARAMETERS) return null;
      parameters.set(name, value);
    }
  }
  return parameters;
}

/** The pairs of a JSON object of texts and numbers; null: it is something else. */
export function jsonPairs(text: string): readonly (readonly [string, string])[] | null {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const pairs: (readonly [string, string])[] = [];
  for (const [name, field] of Object.entries(value)) {
    if (field === null) continue;
    if (typeof field !== 'string' && typeof field !== 'number') return null;
    pairs.push([name, String(field)]);
  }
  return pairs;
}
