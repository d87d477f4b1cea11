// Places in a list of the security log, as they stand in addresses: opaque, and nothing but a row's id.

export function cursorTo(id: number): string {
  return Buffer.from(`1:${id}`).toString('base64url');
}

/** Null: it is none of ours. */
export function readCursor(text: string): number | null {
  const id = /^1:(\d{1,15})$/.exec(Buffer.from(text.slice(0, 64), 'base64url').toString('latin1'))?.[1];
  return id === undefined ? null : Number(id);
}
