import { ClientError } from '@cc-executor/client';
import { RpcError, type ErrorCode } from '@cc-executor/protocol';
import { CommandError, UsageError } from './command-errors.ts';
import { exitCodes } from './exit-codes.ts';
import { oneLine } from './terminal-text.ts';

/** An error as people are told of it. */
export interface ErrorDescription {
  /** One line: what happened. */
  readonly message: string;
  /** One line: what to do. */
  readonly mend?: string;
  readonly exitCode: number;
}

/** @param command whose `--help` tells how it should be called */
export function describeError(error: unknown, command: string | undefined): ErrorDescription {
  if (error instanceof UsageError) {
    const mend = `Try: cc-executor ${command === undefined ? '' : `${command} `}--help`;
    return { message: error.message, mend, exitCode: exitCodes.usage };
  }
  if (error instanceof CommandError) {
    const isMissing = error.code === 'noExecutor' || error.code === 'startFailed';
    const exitCode = isMissing ? exitCodes.noExecutor : exitCodes.failed;
    return { message: error.message, ...(error.mend !== undefined && { mend: error.mend }), exitCode };
  }
  if (error instanceof RpcError) return describeRefusal(error);
  if (error instanceof ClientError && error.code === 'connectionLost') {
    const mend = 'See whether it still runs: cc-executor ps';
    return { message: 'The connection to the executor was lost', mend, exitCode: exitCodes.noExecutor };
  }
  if (error instanceof ClientError && error.code === 'otherExecutor') {
    const mend = 'Another executor runs there now. See its jobs: cc-executor ps --all';
    return { message: oneLine(error.message), mend, exitCode: exitCodes.noExecutor };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message: oneLine(message), exitCode: exitCodes.failed };
}

function describeRefusal(error: RpcError): ErrorDescription {
  const exitCode = error.retry === 'later' ? exitCodes.tryLater : exitCodes.failed;
  const message = oneLine(error.message);
  if (isRefusal(error, 'policyRefused')) {
    const todo = `To allow it, ${error.data.mend} in ${error.data.file}`;
    // The message ends with what we say on a line of its own.
    const what = message.replace(oneLine(`. ${todo}`), '');
    return { message: what, mend: `${todo}, then \`cc-executor stop\``, exitCode };
  }
  if (isRefusal(error, 'invalidParams')) {
    const places = error.data.problems.map((problem) => oneLine(`${problem.path}: ${problem.message}`));
    return { message: `The executor does not take this: ${places.join('; ')}`, exitCode };
  }
  const mend = mends[error.code];
  return { message, ...(mend !== undefined && { mend }), exitCode };
}

const mends: Partial<Record<ErrorCode, string>> = {
  unknownJob: 'See the jobs there are: cc-executor ps --all',
  overloaded: 'Try again later',
  limitsUnavailable: 'The operator of the executor can mend that',
  shuttingDown: 'Try again in a moment',
  unsupportedVersion: 'An executor of another version runs: end it with its own `cc-executor stop`',
};

function isRefusal<C extends ErrorCode>(error: RpcError, code: C): error is RpcError<C> {
  return error.code === code;
}
