// `latchkey key`: listing and deleting SSH keys of anybody, people's and deploy keys, for operators.
import type { Command } from 'commander';
import { deleteAnyKey, type Key, listAllKeys } from '../keys/keys.ts';
import { type CommonOptions, command, withContext } from './context.ts';
import { Failure, UsageError } from './failure.ts';
import { isoInstant, minute, tableLines } from './table.ts';
import { print, printJson, type Terminal, tell } from './terminal.ts';

export function addKeyCommand(program: Command, terminal: Terminal): void {
  const key = program.command('key').description('list and delete SSH keys and deploy keys');
  addList(key, terminal);
  addDelete(key, terminal);
}

const everything = { page: 1, perPage: Number.MAX_SAFE_INTEGER };

function addList(parent: Command, terminal: Terminal): void {
  command(parent, 'list', 'list keys: whom they let in, what they may do, when they were used last', [
    'latchkey key list',
    'latchkey key list --json',
  ]).action(async (options: CommonOptions) => {
    const { items } = await withContext(terminal, options, (ctx) => listAllKeys(ctx, everything));
    if (options.json === true) return printJson(terminal, items.map(keyJson));
    const rows = items.map((key) => [
      key.id,
      holderOf(key),
      key.title,
      key.fingerprint,
      accessOf(key),
      minute(key.lastUsedAt) ?? 'never used',
    ]);
    for (const line of tableLines(['ID', 'FOR', 'TITLE', 'FINGERPRINT', 'ACCESS', 'LAST USED'], rows)) {
      print(terminal, line);
    }
  });
}

function addDelete(parent: Command, terminal: Terminal): void {
  command(parent, 'delete <id>', 'delete a key: it opens nothing any more, and what runs by it is ended', [
    'latchkey key delete 4',
  ]).action(async (text: string, options: CommonOptions) => {
    const id = readId(text);
    const key = await withContext(terminal, options, (ctx) => deleteAnyKey(ctx, id));
    if (key === null) throw new Failure(`There is no key ${id}: see "latchkey key list".`);
    if (options.json === true) printJson(terminal, { deleted: id });
    else tell(terminal, `Deleted the key ${id} of ${holderOf(key)}.`);
  });
}

/** @throws UsageError */
export function readId(text: string): number {
  const id = Number(text);
  if (/^\d{1,15}$/.test(text) && id > 0) return id;
  throw new UsageError('keys are named by their ids, such as 4: see "latchkey key list".');
}

function holderOf({ holder }: Key): string {
  return holder.kind === 'person' ? holder.account.login : holder.repository.name;
}

function accessOf({ verified, enabled, readOnly }: Key): string {
  if (!enabled) return 'disabled';
  if (!verified) return 'unverified';
  return readOnly ? 'read-only' : 'read and write';
}

function keyJson(key: Key): Record<string, unknown> {
  return {
    id: key.id,
    user: key.holder.kind === 'person' ? key.holder.account.login : null,
    repository: key.holder.kind === 'repository' ? key.holder.repository.name : null,
    title: key.title,
    key: key.key,
    fingerprint: key.fingerprint,
    read_only: key.readOnly,
    verified: key.verified,
    enabled: key.enabled,
    added_by: key.addedBy,
    made_by: key.madeBy,
    created_at: isoInstant(key.createdAt),
    last_used: isoInstant(key.lastUsedAt),
  };
}
