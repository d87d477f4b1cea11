// Small facts that processes of one instance tell each other through the database.
import type { Db } from './database.ts';

/**
 * `url`: the base of links that the server was last started with, for links that the command line makes.
 * `uses_since`: since when uses of tokens are counted, in milliseconds since 1970.
 * `mail`: `on` if it was started with a mail server, for notices that the command line gives.
 */
export type SettingName = 'url' | 'mail' | 'uses_since';

export async function readSetting(db: Db, name: SettingName): Promise<string | null> {
  const row = await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value ?? null;
}

export async function writeSetting(db: Db, name: SettingName, value: string): Promise<void> {
  await db
    .insertInto('settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
