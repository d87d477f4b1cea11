// The executable: reads the arguments and runs one command.
import { run } from './cli/program.ts';
import { addServeCommand } from './cli/serve.ts';

for (const stream of [process.stdout, process.stderr]) {
  // The reader has gone (`latchkey token list | head -1`): there is nobody left to tell.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

process.exitCode = await run(process.argv.slice(2), process, [addServeCommand]);
