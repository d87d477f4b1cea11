// The SQL of when tokens were last used; of all else about them: store.ts.
import type { Db } from '../db/database.ts';

/** Notes when tokens were last used; never moves an instant back, nor past a regeneration. */
export async function noteUses(db: Db, uses: ReadonlyMap<number, number>): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    for (const [id, at] of uses) {
      await transaction
        .updateTable('tokens')
        .set({ last_used_at: at })
        .where('id', '=', id)
        .where('issued_at', '<=', at)
        .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', at)]))
        .execute();
    }
  });
}
