import { fileURLToPath } from 'node:url';
import { runCommandLine } from './command-line.ts';

// Whoever reads our output may go before we do; each write tells so, and nothing else needs to know.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  program: {
    node: process.execPath,
    nodeOptions: process.execArgv,
    script: fileURLToPath(import.meta.url),
  },
});
// All output has been taken by now; an open stdin would keep us alive.
process.exit(exitCode);
