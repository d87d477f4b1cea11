// All commands, in the order of the help.
import { addAppCommand } from './app.ts';
import { addDemoCommand } from './demo.ts';
import { addDoctorCommand } from './doctor.ts';
import { addKeyCommand } from './key.ts';
import { addOrgCommand } from './org.ts';
import type { AddCommand } from './program.ts';
import { addRepoCommand } from './repo.ts';
import { addServeCommand } from './serve.ts';
import { addSettingsCommand } from './settings.ts';
import { addSshCommand } from './ssh.ts';
import { addTokenCommand } from './token.ts';
import { addUserCommand } from './user.ts';

export const commands: readonly AddCommand[] = [
  addServeCommand,
  addUserCommand,
  addTokenCommand,
  addKeyCommand,
  addAppCommand,
  addSshCommand,
  addOrgCommand,
  addRepoCommand,
  addSettingsCommand,
  addDoctorCommand,
  addDemoCommand,
];
