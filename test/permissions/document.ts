// docs/permissions.md, made of what was measured, with the sources of the permissions that were written by hand.
import { type ActionName, actionNames } from '../../src/access/actions.ts';
import { expected } from '../../src/access/expected.ts';
import type { Measured, RouteMeasured } from './measure.ts';
import { gitHttpRoutes, pageRoutes, restRoutes } from './routes.ts';

/** @param measured by routes of the API, as `routes.ts` names them */
export function documented(measured: ReadonlyMap<string, RouteMeasured>): string {
  const byAction = Map.groupBy(Object.entries(restRoutes), ([, action]) => action);
  const rows = actionNames.flatMap((action) => {
    const routes = (byAction.get(action) ?? []).map(([key]) => key);
    const [first] = routes.flatMap((key) => measured.get(key) ?? []);
    if (first === undefined) return [];
    const { who, source } = expected[action];
    const cells = [
      `\`${action}\``,
      routes.map((key) => `\`${key}\``).join('<br>'),
      who,
      tokensOf(first.measured, 'public'),
      tokensOf(first.measured, 'private'),
      source,
    ];
    return [`| ${cells.map(escaped).join(' | ')} |`];
  });
  return `${[
    '# Permissions',
    '',
    'What every operation of the API takes, as it was **measured** on the whole server: each route was called by a',
    'stranger, by people of every role and by tokens of every single scope, and this table is what they were let in',
    'for. A test compares it with the permissions that were written by hand (`src/access/expected.ts`), and fails when',
    'this page is not what was measured. Regenerate it by `node scripts/permissions.ts`.',
    '',
    'A token never gives more than its owner may at the moment. “any token” needs no scope. Numbers behind an',
    'operation are sections of the specification.',
    '',
    '| Operation | Routes below `/api/v3` | Who | Scopes, any one of them (public repositories) | Private and internal ones, and all else | Source |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '## Git over HTTP, and pages',
    '',
    'Git takes the same tokens by the same rows: fetching is `contents.read`, pushing `contents.write`, and files under',
    '`.github/workflows` take `workflows.write` beside it. Pages take a person signed in, with the role of their row; those',
    'marked with ⚿ ask for the password, a code or a passkey again when that is more than two hours ago.',
    '',
    '| Operation | Pages and addresses | Who | Source |',
    '| --- | --- | --- | --- |',
    ...others({ ...gitHttpRoutes, ...pageRoutes }),
  ].join('\n')}\n`;
}

function others(routes: Readonly<Record<string, ActionName>>): readonly string[] {
  const byAction = Map.groupBy(Object.entries(routes), ([, action]) => action);
  return actionNames.flatMap((action) => {
    const found = byAction.get(action);
    if (found === undefined) return [];
    const { who, source, sudo } = expected[action];
    const name = `\`${action}\`${sudo === true ? ' ⚿' : ''}`;
    const cells = [name, found.map(([key]) => `\`${key}\``).join('<br>'), who, source];
    return [`| ${cells.map(escaped).join(' | ')} |`];
  });
}

function tokensOf(all: readonly Measured[], visibility: 'public' | 'private'): string {
  const measured = all.find((one) => one.visibility === visibility);
  if (measured === undefined) return '';
  if (measured.stranger) return 'anybody, without a token too';
  if (measured.grants.includes('none')) return 'any token';
  const scopes = measured.grants.filter((grant) => grant !== 'all');
  return scopes.length === 0 ? 'no token' : scopes.map((scope) => `\`${scope}\``).join(', ');
}

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('*', '\\*');
