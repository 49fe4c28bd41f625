import {
  readRuntimeFile,
  StateDirectoryError,
  UnfitMachineError,
  type ExecutorSettings,
} from '@cc-executor/executor';
import { CommandError } from './command-errors.ts';

/** Says why an executor could not be opened, and what to do. What it does not know stays as it is. */
export async function explainServeFailure(error: unknown, settings: ExecutorSettings): Promise<unknown> {
  const { host, port, socketPath, stateDir, policyFile } = settings;
  if (error instanceof StateDirectoryError) {
    if (error.code !== 'inUse') {
      const reason = error.cause instanceof Error ? `: ${error.cause.message}` : '';
      const mend = 'Name a folder of your own with --state-dir';
      return new CommandError('cannotServe', `${error.message}${reason}`, mend, { cause: error });
    }
    const holder = await readRuntimeFile(stateDir);
    const who = holder === undefined ? '' : ` (pid ${holder.pid}, ${holder.url})`;
    const message = `Another executor${who} is using the state directory ${stateDir}`;
    const mend = 'Use that one, end it with `cc-executor stop`, or name another folder with --state-dir';
    return new CommandError('inUse', message, mend, { cause: error });
  }
  if (error instanceof UnfitMachineError) {
    return new CommandError('cannotServe', error.message, unfitMends[error.code], { cause: error });
  }
  // Only rules of the policy are compiled before anything is opened.
  if (error instanceof TypeError && error.message.startsWith('policy rule')) {
    return new CommandError('settings', `In ${policyFile}: ${error.message}`, 'Mend the rule', {
      cause: error,
    });
  }
  if (!(error instanceof Error) || !('code' in error) || !isAboutAddress(error)) return error;
  if ('address' in error && error.address === socketPath) {
    const message = `Cannot listen on the Unix socket ${socketPath} (${String(error.code)})`;
    return new CommandError('cannotServe', message, 'Name another with --socket', { cause: error });
  }
  const address = `${host}:${port}`;
  const failures: Readonly<Record<string, readonly [string, string]>> = {
    EADDRINUSE: [`The port is in use: ${address}`, 'Name another with --port, or 0 for a free one'],
    EACCES: [`Not allowed to listen on ${address}`, 'Name another with --port'],
    EADDRNOTAVAIL: [`This machine has no address ${host}`, 'Name another with --host'],
    ENOTFOUND: [`This machine has no address ${host}`, 'Name another with --host'],
  };
  const known = failures[String(error.code)];
  if (known === undefined) return error;
  return new CommandError('cannotServe', ...known, { cause: error });
}

const unfitMends: Readonly<Record<UnfitMachineError['code'], string>> = {
  containmentUnavailable:
    'Mend that, or do with less: --containment prefer, or "containment": "prefer" in the config file',
  guardianUnavailable: 'Mend that and try again: without its guardian an executor starts no jobs',
  limitsUnavailable: 'Mend that, or take "limits" out of the config file',
};

/** The same codes come from files, too. */
function isAboutAddress(error: Error): boolean {
  return 'syscall' in error && (error.syscall === 'listen' || error.syscall === 'getaddrinfo');
}
