// `latchkey org`: making organisations and listing them. Who belongs to them is for their owners to say, on the pages.
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { listMembers } from '../organizations/members.ts';
import { createOrganization, listOrganizations, type Organization } from '../organizations/organizations.ts';
import { type CommonOptions, command, withContext } from './context.ts';
import { expectDone } from './failure.ts';
import { isoInstant, minute, tableLines } from './table.ts';
import { print, printJson, type Terminal, tell } from './terminal.ts';
import { expectAccount } from './user.ts';

const PAGE = 1000;

export function addOrgCommand(program: Command, terminal: Terminal): void {
  const org = program.command('org').description('make and list organizations, which own repositories');
  addCreate(org, terminal);
  addList(org, terminal);
}

function addCreate(parent: Command, terminal: Terminal): void {
  command(parent, 'create <name>', 'make an organization with one owner, who invites the others', [
    'latchkey org create acme --owner ada',
  ])
    .requiredOption('--owner <login>', 'whose account decides about it')
    .action(async (name: string, options: CommonOptions & { readonly owner: string }) =>
      withContext(terminal, options, async (ctx) => {
        const { id, login } = await expectAccount(ctx, options.owner);
        const wanted = { login: name, name: null, owner: { id, login } };
        const organization = expectDone(await createOrganization(ctx, wanted));
        if (options.json === true) printJson(terminal, await organizationJson(ctx, organization));
        else tell(terminal, `${organization.login} is made, owned by ${login}.`);
      }),
    );
}

function addList(parent: Command, terminal: Terminal): void {
  command(parent, 'list', 'list all organizations', ['latchkey org list', 'latchkey org list --json']).action(
    async (options: CommonOptions) =>
      withContext(terminal, options, async (ctx) => {
        const organizations = await everyOrganization(ctx);
        const told = await Promise.all(organizations.map((each) => organizationJson(ctx, each)));
        if (options.json === true) return printJson(terminal, told);
        const rows = told.map(({ login, name, owners, members }, at) => [
          login,
          name ?? '',
          owners.join(', '),
          String(members),
          minute(organizations[at]?.createdAt ?? null),
        ]);
        for (const line of tableLines(['ORGANIZATION', 'NAME', 'OWNERS', 'MEMBERS', 'CREATED'], rows))
          print(terminal, line);
      }),
  );
}

async function everyOrganization(ctx: Context): Promise<readonly Organization[]> {
  const organizations: Organization[] = [];
  for (let after = 0; ; ) {
    const more = await listOrganizations(ctx, { after, limit: PAGE });
    organizations.push(...more);
    const last = more.at(-1);
    if (last === undefined || more.length < PAGE) return organizations;
    after = last.id;
  }
}

async function organizationJson(ctx: Context, { id, login, name, createdAt }: Organization) {
  const all = { page: 1, perPage: PAGE };
  const owners = await listMembers(ctx, id, { ...all, role: 'owner' });
  const { total } = await listMembers(ctx, id, { page: 1, perPage: 1 });
  return {
    id,
    login,
    name,
    owners: owners.items.map((owner) => owner.login),
    members: total,
    created_at: isoInstant(createdAt),
  };
}
