// The executable: reads the arguments and runs one command.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Whatever any command makes is nobody else's to read: records, repositories, backups.
process.umask(0o077);

// Node keeps compiled code beside the program: who may write there may change the program itself. Where it can't, it
// goes without.
enableCompileCache(fileURLToPath(new URL('.compiled', import.meta.url)));

for (const stream of [process.stdout, process.stderr]) {
  // The reader has gone (`latchkey token list | head -1`): there is nobody left to tell.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

// Only now, so that it is loaded from what is compiled already.
const { run } = await import('./cli/program.ts');
const { commands } = await import('./cli/commands.ts');
process.exitCode = await run(process.argv.slice(2), process, commands);
