// The SQL of keys that sign: the only place that touches their tables.
import type { Db } from '../db/database.ts';
import type { Capability, OpenPgpKey, OpenPgpPart } from './openpgp.ts';
import type { GpgKey, GpgPart, SigningKey } from './signing.ts';

export interface PageOf {
  readonly page: number;
  readonly perPage: number;
}

interface GpgRow {
  readonly id: number;
  readonly primary_id: number | null;
  readonly name: string | null;
  readonly key_id: string;
  readonly fingerprint: string | null;
  readonly public_key: string;
  readonly raw_key: string | null;
  readonly emails: string;
  readonly capabilities: string;
  readonly revoked: number;
  readonly key_created_at: number;
  readonly expires_at: number | null;
}

const toPart = (row: GpgRow): GpgPart => ({
  id: row.id,
  keyId: row.key_id,
  publicKey: row.public_key,
  capabilities: JSON.parse(row.capabilities) as readonly Capability[],
  revoked: row.revoked === 1,
  createdAt: row.key_created_at,
  expiresAt: row.expires_at,
});

async function withSubkeys(db: Db, rows: readonly GpgRow[]): Promise<readonly GpgKey[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const subkeys = await db
    .selectFrom('gpg_keys')
    .selectAll()
    .where('primary_id', 'in', ids)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    ...toPart(row),
    name: row.name,
    fingerprint: row.fingerprint ?? '',
    rawKey: row.raw_key ?? '',
    emails: JSON.parse(row.emails) as readonly string[],
    subkeys: subkeys.filter(({ primary_id: primary }) => primary === row.id).map(toPart),
  }));
}

export async function gpgKeysPage(
  db: Db,
  accountId: number,
  { page, perPage }: PageOf,
): Promise<{ readonly items: readonly GpgKey[]; readonly total: number }> {
  const own = db.selectFrom('gpg_keys').where('account_id', '=', accountId).where('primary_id', 'is', null);
  const rows = await own
    .selectAll()
    .orderBy('id')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  const { count } = await own.select((eb) => eb.fn.countAll().as('count')).executeTakeFirstOrThrow();
  return { items: await withSubkeys(db, rows), total: Number(count) };
}

export async function gpgKeyById(db: Db, accountId: number, id: number): Promise<GpgKey | null> {
  const rows = await db
    .selectFrom('gpg_keys')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('primary_id', 'is', null)
    .where('id', '=', id)
    .execute();
  return (await withSubkeys(db, rows))[0] ?? null;
}

/** Null when somebody has it already. */
export async function insertGpgKey(
  db: Db,
  accountId: number,
  key: OpenPgpKey & { readonly name: string | null; readonly rawKey: string },
  at: number,
): Promise<GpgKey | null> {
  const valuesOf = (part: OpenPgpPart) => ({
    account_id: accountId,
    key_id: part.keyId,
    public_key: part.publicKey,
    capabilities: JSON.stringify(part.capabilities),
    revoked: part.revoked ? 1 : 0,
    key_created_at: part.createdAt,
    expires_at: part.expiresAt,
    created_at: at,
  });
  const primary = await db
    .insertInto('gpg_keys')
    .values({
      ...valuesOf(key),
      primary_id: null,
      name: key.name,
      fingerprint: key.fingerprint,
      raw_key: key.rawKey,
      emails: JSON.stringify(key.emails),
    })
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (primary === undefined) return null;
  for (const subkey of key.subkeys) {
    const rest = { primary_id: primary.id, name: null, fingerprint: null, raw_key: null, emails: '[]' };
    await db
      .insertInto('gpg_keys')
      .values({ ...valuesOf(subkey), ...rest })
      .execute();
  }
  return gpgKeyById(db, accountId, primary.id);
}

/** Its subkeys go with it. */
export async function deleteGpgKey(db: Db, id: number): Promise<void> {
  await db.deleteFrom('gpg_keys').where('id', '=', id).execute();
}

// SSH keys that sign

const signingColumns = ['id', 'title', 'key', 'fingerprint', 'created_at'] as const;

const toSigningKey = (row: {
  readonly id: number;
  readonly title: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly created_at: number;
}): SigningKey => ({
  id: row.id,
  title: row.title,
  key: row.key,
  fingerprint: row.fingerprint,
  createdAt: row.created_at,
});

export async function signingKeysPage(
  db: Db,
  accountId: number,
  { page, perPage }: PageOf,
): Promise<{ readonly items: readonly SigningKey[]; readonly total: number }> {
  const own = db.selectFrom('signing_keys').where('account_id', '=', accountId);
  const rows = await own
    .select(signingColumns)
    .orderBy('id')
    .offset((page - 1) * perPage)
    .limit(perPage)
    .execute();
  const { count } = await own.select((eb) => eb.fn.countAll().as('count')).executeTakeFirstOrThrow();
  return { items: rows.map(toSigningKey), total: Number(count) };
}

export async function signingKeyById(db: Db, accountId: number, id: number): Promise<SigningKey | null> {
  const row = await db
    .selectFrom('signing_keys')
    .select(signingColumns)
    .where('account_id', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? null : toSigningKey(row);
}

/** Null when somebody has it already. */
export async function insertSigningKey(
  db: Db,
  accountId: number,
  key: { readonly title: string; readonly key: string; readonly fingerprint: string },
  at: number,
): Promise<SigningKey | null> {
  const row = await db
    .insertInto('signing_keys')
    .values({ account_id: accountId, ...key, created_at: at })
    .onConflict((conflict) => conflict.column('fingerprint').doNothing())
    .returning(signingColumns)
    .executeTakeFirst();
  return row === undefined ? null : toSigningKey(row);
}

export async function deleteSigningKey(db: Db, id: number): Promise<void> {
  await db.deleteFrom('signing_keys').where('id', '=', id).execute();
}
