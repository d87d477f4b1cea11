// `latchkey settings`: what holds for the whole instance, as site admins set it on the page `/admin/settings`.
import type { Command } from 'commander';
import {
  changeSettings,
  type InstanceSettings,
  readSettings,
  type SettingName,
  settingNames,
} from '../settings/settings.ts';
import { type CommonOptions, command, withContext } from './context.ts';
import { expectDone, UsageError } from './failure.ts';
import { tableLines } from './table.ts';
import { print, printJson, type Terminal } from './terminal.ts';

export function addSettingsCommand(program: Command, terminal: Terminal): void {
  const settings = program
    .command('settings')
    .description('see and change what holds for the whole instance');
  command(settings, 'list', 'list the settings', ['latchkey settings list']).action(
    async (options: CommonOptions) => {
      show(terminal, options, await withContext(terminal, options, (ctx) => readSettings(ctx)));
    },
  );
  command(settings, 'set <name> <value>', 'change one; a running server obeys it from the next request on', [
    'latchkey settings set token-max-days 90',
    'latchkey settings set token-max-days none',
    'latchkey settings set token-max-days-exempts-admins yes',
  ]).action(async (name: string, value: string, options: CommonOptions) => {
    const setting = settingNames.find((one) => optionName(one) === name);
    if (setting === undefined) {
      throw new UsageError(
        `there is no setting ${name}: there are ${settingNames.map(optionName).join(', ')}.`,
      );
    }
    const changed = await withContext(terminal, options, async (ctx) =>
      expectDone(await changeSettings(ctx, { [setting]: readValue(value) })),
    );
    show(terminal, options, changed);
  });
}

function show(terminal: Terminal, options: CommonOptions, settings: InstanceSettings): void {
  const rows = settingNames.map((name) => [optionName(name), settings[name]] as const);
  if (options.json === true) {
    printJson(terminal, Object.fromEntries(rows.map(([name, value]) => [name.replaceAll('-', '_'), value])));
    return;
  }
  const lines = tableLines(
    ['SETTING', 'VALUE'],
    rows.map(([name, value]) => [name, valueText(value)]),
  );
  for (const line of lines) print(terminal, line);
}

/** `tokenMaxDays` as it is typed: `token-max-days`. */
function optionName(name: SettingName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function valueText(value: InstanceSettings[SettingName]): string {
  if (value === null) return 'none';
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

/** Whether a setting accepts it is the setting's to say. */
function readValue(text: string): never {
  const words: Readonly<Record<string, unknown>> = {
    none: null,
    yes: true,
    true: true,
    no: false,
    false: false,
  };
  const value = text in words ? words[text] : /^\d{1,9}$/.test(text) ? Number(text) : text;
  return value as never;
}
