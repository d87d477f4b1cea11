// The executable: reads the arguments and runs one command.
import { addDemoCommand } from './cli/demo.ts';
import { addDoctorCommand } from './cli/doctor.ts';
import { addKeyCommand } from './cli/key.ts';
import { addOrgCommand } from './cli/org.ts';
import { run } from './cli/program.ts';
import { addRepoCommand } from './cli/repo.ts';
import { addServeCommand } from './cli/serve.ts';
import { addSettingsCommand } from './cli/settings.ts';
import { addSshCommand } from './cli/ssh.ts';
import { addTokenCommand } from './cli/token.ts';
import { addUserCommand } from './cli/user.ts';

// Whatever any command makes is nobody else's to read: records, repositories, backups.
process.umask(0o077);

for (const stream of [process.stdout, process.stderr]) {
  // The reader has gone (`latchkey token list | head -1`): there is nobody left to tell.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

const commands = [
  addServeCommand,
  addUserCommand,
  addTokenCommand,
  addKeyCommand,
  addSshCommand,
  addOrgCommand,
  addRepoCommand,
  addSettingsCommand,
  addDoctorCommand,
  addDemoCommand,
];

process.exitCode = await run(process.argv.slice(2), process, commands);
