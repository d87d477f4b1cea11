// Has anything been written to the database since? What runs by a credential asks, instead of looking each credential
// up all the time.
import { sql } from 'kysely';
import type { Db } from './database.ts';

/**
 * A stamp that differs from an earlier one whenever anything was written in between, by this process or another:
 * `data_version` tells of other connections, `total_changes()` of one's own
 * (https://www.sqlite.org/pragma.html#pragma_data_version). Takes microseconds; it may differ without a reason.
 */
export type ChangeStamp = () => Promise<string>;

export function changeStamp(db: Db): ChangeStamp {
  const query = sql<{ readonly own: number; readonly others: number }>`
    SELECT total_changes() AS own, data_version AS others FROM pragma_data_version`;
  return async () => {
    const { rows } = await query.execute(db);
    return `${rows[0]?.own}:${rows[0]?.others}`;
  };
}
