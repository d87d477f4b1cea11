// Which constraint a failed statement ran into, whatever the dialect.

/** SQLITE_CONSTRAINT_FOREIGNKEY of SQLite, foreign_key_violation of PostgreSQL. */
export function isForeignKeyViolation(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { errcode, code } = error as { readonly errcode?: unknown; readonly code?: unknown };
  return errcode === 787 || code === '23503';
}
