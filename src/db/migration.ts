// What a migration is, and what differs between the dialects' column types.
import type { ColumnDefinitionBuilder, Kysely } from 'kysely';

export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Runs inside the one transaction that also records the version. */
  up(db: Kysely<unknown>, types: ColumnTypes): Promise<void>;
}

/** What differs between the dialects' column types. */
export interface ColumnTypes {
  /** For the few statements that have no common form. */
  readonly dialect: 'sqlite' | 'postgres';
  /** An automatically numbered primary key whose numbers are never used again. */
  id(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder;
  readonly idType: 'integer' | 'bigint';
  readonly integer: 'integer' | 'bigint';
  readonly bytes: 'blob' | 'bytea';
}
