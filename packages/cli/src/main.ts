import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from './command-line.ts';
import { writeOut } from './write-out.ts';

/** How long a reader may take for the last of our output, in milliseconds. */
const FLUSH_TIMEOUT_MS = 1_000;

// Whoever reads our output may go before we do; each write tells so, and nothing else needs to know.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: currentFolder(),
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
// An open stdin would keep us alive, so we do not wait for nothing to be left; output is written out first.
const flushed = Promise.allSettled([writeOut(process.stdout, ''), writeOut(process.stderr, '')]);
await Promise.race([flushed, sleep(FLUSH_TIMEOUT_MS)]);
process.exit(exitCode);

/** A folder that was removed while we are in it has no path; what needs one then says that it does not exist. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return process.env['PWD'] ?? '/';
  }
}
