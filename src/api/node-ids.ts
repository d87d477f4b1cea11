// Global identifiers, in the form that GitHub Enterprise Server 3.8 gives them: opaque to clients, who hand them
// to GraphQL.

/**
 * @param type the GraphQL type: `User`
 * @param key what tells the object from others of its type
 */
export function nodeId(type: string, key: string | number): string {
  return Buffer.from(`0${type.length}:${type}${key}`).toString('base64');
}
