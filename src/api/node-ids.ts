// Global identifiers, in the form that GitHub Enterprise Server 3.8 gives them: opaque to clients, who hand them
// to GraphQL.

/**
 * @param type the GraphQL type: `User`
 * @param key what tells the object from others of its type
 */
export function nodeId(type: string, key: string | number): string {
  return Buffer.from(`0${type.length}:${type}${key}`).toString('base64');
}

/** The type and the key of a global identifier; null: it is none of this form. */
export function readNodeId(id: string): { readonly type: string; readonly key: string } | null {
  if (id.length > MAX_LENGTH) return null;
  const text = Buffer.from(id, 'base64').toString('utf8');
  const [, length = '', rest = ''] = /^0(\d{1,2}):(.+)$/s.exec(text) ?? [];
  const type = rest.slice(0, Number(length));
  const key = rest.slice(type.length);
  // Only what we would have written: other texts in Base64 are not further names of the same thing.
  return type !== '' && key !== '' && nodeId(type, key) === id ? { type, key } : null;
}

/** Names of branches stand in some. */
const MAX_LENGTH = 4096;
