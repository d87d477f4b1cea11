// Version 9: what site admins decide for the whole instance.
import type { Migration } from '../migration.ts';

export const instanceSettings: Migration = {
  version: 9,
  name: 'settings of the instance',
  async up(db) {
    await db.schema
      .createTable('instance_settings')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('value', 'text', (c) => c.notNull())
      .execute();
  },
};
