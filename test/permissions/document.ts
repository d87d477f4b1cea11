// docs/permissions.md, made of what was measured, with the sources of the permissions that were written by hand. Its
// section on git is measured apart, on the running server: each of the two tests leaves the other's part as it is.
import { readFile } from 'node:fs/promises';
import { type ActionName, actionNames } from '../../src/access/actions.ts';
import { expected } from '../../src/access/expected.ts';
import { type Exchange, exchanges } from './exchange.ts';
import { actionsOf, bothVisibilities, type GitMeasured } from './git.ts';
import type { Measured, RouteMeasured } from './measure.ts';
import { downloadRoutes, gitHttpRoutes, machineRoutes, pageRoutes, restRoutes } from './routes.ts';
import type { SshMeasured } from './ssh.ts';

/** From this test's folder. */
export const documentPath = '../../docs/permissions.md';

export const readDocument = (): Promise<string> => readFile(new URL(documentPath, import.meta.url), 'utf8');

const gitSection = /## Git over HTTPS and over SSH\n.*?(?=\n## )/s;

/**
 * @param measured by routes of the API, as `routes.ts` names them
 * @param present the document as it stands, for what is measured elsewhere
 */
export function documented(measured: ReadonlyMap<string, RouteMeasured>, present: string): string {
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
    return [tableRow(cells)];
  });
  return `${[
    '# Permissions',
    '',
    'What every operation of the API takes, as it was **measured** on the whole server: each route was called by a',
    'stranger, by people of every role and by tokens of every single scope, and this table is what they were let in',
    'for. A test compares it with the permissions that were written by hand (`src/access/expected.ts`), and fails when',
    'this page is not what was measured; another one finds the same on the built server, over its sockets. Regenerate',
    'this page by `node scripts/permissions.ts`.',
    '',
    'A token never gives more than its owner may at the moment. “any token” needs no scope. Numbers behind an',
    'operation are sections of the specification.',
    '',
    '| Operation | Routes below `/api/v3` | Who | Scopes, any one of them (public repositories) | Private and internal ones, and all else | Source |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    gitSection.exec(present)?.[0] ?? '## Git over HTTPS and over SSH\n',
    '## Pages, and addresses of git and of downloads',
    '',
    'Pages take a person signed in, with the role of their row; those marked with ⚿ ask for the password, a code or a',
    'passkey again when that is more than two hours ago. No token and no key opens a page.',
    '',
    '| Operation | Pages and addresses | Who | Source |',
    '| --- | --- | --- | --- |',
    ...others({ ...gitHttpRoutes, ...machineRoutes, ...downloadRoutes, ...pageRoutes }),
  ].join('\n')}\n`;
}

/** The document with its section on git made anew. @param present as it stands */
export function documentedGit(
  overHttp: readonly GitMeasured[],
  overSsh: readonly SshMeasured[],
  present: string,
): string {
  const scopes = (exchange: Exchange) =>
    bothVisibilities.map((visibility) => {
      const measured = overHttp.find((one) => one.exchange === exchange && one.visibility === visibility);
      return measured === undefined ? '' : tokensOf([measured], visibility);
    });
  const sources = (exchange: Exchange) => actionsOf[exchange].map((action) => expected[action].source);
  const keys = overSsh.map(({ key, opens }) => [
    key.name,
    ...exchanges.map((exchange) => {
      const [ofPublic, ofPrivate] = bothVisibilities.map((visibility) =>
        opens.has(`${exchange} ${visibility}`),
      );
      if (ofPrivate === true) return 'yes';
      return ofPublic === true ? 'public ones' : 'no';
    }),
  ]);
  const section = [
    '## Git over HTTPS and over SSH',
    '',
    '**Measured on the running server**, by whole fetches and pushes: over HTTPS by tokens of every single scope, over SSH',
    'by every kind of key. Fetching is `contents.read`, pushing `contents.write`, and a push that changes files under',
    '`.github/workflows` takes `workflows.write` beside it.',
    '',
    '| Over HTTPS | Rows | Scopes, any one of them (public repositories) | Private and internal ones | Source |',
    '| --- | --- | --- | --- | --- |',
    ...exchanges.map((exchange) =>
      tableRow([
        said[exchange],
        codes(actionsOf[exchange]),
        ...scopes(exchange),
        sources(exchange).join('; '),
      ]),
    ),
    '',
    'Over SSH no token opens anything, and a key opens nothing but git: a person’s as far as their role goes at the',
    'moment, a deploy key in its one repository.',
    '',
    '| Over SSH | Fetch | Push | Push of workflows |',
    '| --- | --- | --- | --- |',
    ...keys.map(tableRow),
    '',
  ].join('\n');
  return present.replace(gitSection, () => section);
}

const said: Readonly<Record<Exchange, string>> = {
  fetch: 'Fetch',
  push: 'Push',
  workflow: 'Push of workflows',
};

function others(routes: Readonly<Record<string, ActionName>>): readonly string[] {
  const byAction = Map.groupBy(Object.entries(routes), ([, action]) => action);
  return actionNames.flatMap((action) => {
    const found = byAction.get(action);
    if (found === undefined) return [];
    const { who, source, sudo } = expected[action];
    const name = `\`${action}\`${sudo === true ? ' ⚿' : ''}`;
    const cells = [name, found.map(([key]) => `\`${key}\``).join('<br>'), who, source];
    return [tableRow(cells)];
  });
}

function tokensOf(all: readonly Measured[], visibility: 'public' | 'private'): string {
  const measured = all.find((one) => one.visibility === visibility);
  if (measured === undefined) return '';
  if (measured.stranger) return 'anybody, without a token too';
  if (measured.grants.includes('none')) return 'any token';
  const scopes = measured.grants.filter((grant) => grant !== 'all');
  // Several together are told only where none of them suffices.
  const least = scopes.filter(
    (grant) => !grant.split(' ').some((part) => part !== grant && scopes.some((scope) => scope === part)),
  );
  return least.length === 0 ? 'no token' : least.map((grant) => codes(grant.split(' '), ' and ')).join(', ');
}

const codes = (names: readonly string[], between = ', ') => names.map((name) => `\`${name}\``).join(between);
const tableRow = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('*', '\\*');
