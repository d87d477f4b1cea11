// `latchkey app`: listing OAuth applications and switching them off and on, for operators.
import type { Command } from 'commander';
import {
  type Application,
  allApplications,
  findApplicationByClientId,
  setApplicationEnabled,
} from '../oauth/applications.ts';
import { countAllAuthorizations } from '../oauth/authorizations.ts';
import { type CommonOptions, command, withContext } from './context.ts';
import { Failure } from './failure.ts';
import { isoInstant, tableLines } from './table.ts';
import { print, printJson, type Terminal, tell } from './terminal.ts';

export function addAppCommand(program: Command, terminal: Terminal): void {
  const app = program.command('app').description('list OAuth applications, and switch them off or on');
  addList(app, terminal);
  addSwitch(app, terminal, 'enable', 'switch it on again: its tokens work as before');
  addSwitch(app, terminal, 'disable', 'switch it off: its tokens are refused, and it gets no others');
}

function addList(parent: Command, terminal: Terminal): void {
  command(parent, 'list', 'list applications: whose they are, and how many people let them act for them', [
    'latchkey app list',
    'latchkey app list --json',
  ]).action(async (options: CommonOptions) => {
    const { all, people } = await withContext(terminal, options, async (ctx) => ({
      all: await allApplications(ctx),
      people: await countAllAuthorizations(ctx),
    }));
    const count = ({ id }: Application) => people.get(id) ?? 0;
    if (options.json === true)
      return printJson(
        terminal,
        all.map((application) => applicationJson(application, count(application))),
      );
    const rows = all.map((application) => [
      application.clientId,
      application.name,
      application.owner?.login ?? '(built in)',
      application.enabled ? 'on' : 'off',
      count(application),
    ]);
    for (const line of tableLines(['CLIENT ID', 'NAME', 'OWNER', 'STATE', 'PEOPLE'], rows))
      print(terminal, line);
  });
}

function addSwitch(parent: Command, terminal: Terminal, to: 'enable' | 'disable', words: string): void {
  const enabled = to === 'enable';
  command(parent, `${to} <client-id>`, words, [`latchkey app ${to} 178c6fc778ccc68e1d6a`]).action(
    async (clientId: string, options: CommonOptions) =>
      withContext(terminal, options, async (ctx) => {
        const application = await findApplicationByClientId(ctx, clientId);
        if (application === null)
          throw new Failure('There is no application with that client ID: see "latchkey app list".');
        if (application.enabled !== enabled) await setApplicationEnabled(ctx, application, enabled);
        if (options.json === true) printJson(terminal, { client_id: clientId, enabled });
        else tell(terminal, `${application.name} is ${enabled ? 'on' : 'off'}.`);
      }),
  );
}

function applicationJson(application: Application, people: number): Record<string, unknown> {
  return {
    client_id: application.clientId,
    name: application.name,
    url: application.url,
    owner: application.owner?.login ?? null,
    public: application.isPublic,
    device_flow: application.deviceFlow,
    enabled: application.enabled,
    people,
    created_at: isoInstant(application.createdAt),
    updated_at: isoInstant(application.updatedAt),
  };
}
