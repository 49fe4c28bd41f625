import { ClientError } from '@cc-executor/client';
import { errorTable, RpcError, type ErrorCode, type RetryRule } from '@cc-executor/protocol';
import type { ToolResult } from './tool.ts';
import { joinFacts } from './view/envelope.ts';

const retryWords: Record<RetryRule, string> = {
  never: 'the same request will not succeed',
  afterMending: 'mend it, then try again',
  later: 'try again later',
};

const menderWords = {
  caller: 'you can mend this',
  operator: 'the operator can mend this',
  us: 'a fault of cc-executor',
};

/** An error as a result, so that the model sees it: code, message, who can mend it and how. */
export function errorResult(error: unknown): ToolResult {
  if (error instanceof RpcError) return failure(error.code, error.message, rpcHints(error));
  if (error instanceof ClientError) return failure(error.code, error.message, [clientHint(error)]);
  const message = error instanceof Error ? error.message : String(error);
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'failed';
  return failure(code, message, []);
}

/** A refusal of the bridge's own. */
export function failure(code: string, message: string, hints: readonly string[]): ToolResult {
  const lines = [joinFacts({ error: code }), message, ...hints.map((hint) => `hint: ${hint}`)];
  return { text: lines.join('\n'), isError: true };
}

function rpcHints(error: RpcError): string[] {
  const code: ErrorCode = error.code;
  const { retry, mendedBy } = errorTable[code];
  return [`${menderWords[mendedBy]}; ${retryWords[retry]}`, ...facts(error)];
}

/** The facts of the code that say how to mend it. */
function facts(error: RpcError): string[] {
  const { data } = error;
  if ('problems' in data) return data.problems.map(({ path, message }) => `${path}: ${message}`);
  if ('mend' in data) return [`${data.mend} (in ${data.file}; decided by ${data.rule})`];
  if ('retryAfterMs' in data) return [`retry after ${data.retryAfterMs} ms`];
  if ('looked' in data) return [`looked for the Claude CLI at ${data.looked.join(', ')}`];
  return [];
}

function clientHint(error: ClientError): string {
  switch (error.code) {
    case 'connectFailed':
    case 'timedOut':
      return 'no executor answers; start one with `cc-executor serve`, or see `cc-executor doctor`';
    case 'unauthorized':
      return 'the operator can mend this: set CC_EXECUTOR_TOKEN to the token of the executor';
    case 'handshakeRefused':
      return 'the operator can mend this: check CC_EXECUTOR_WEBSOCKET_URL';
    case 'connectionLost':
    case 'closed':
      return 'jobs that were started go on; call list_jobs';
    case 'frameTooLarge':
      return 'you can mend this: put the large part into a file and name the file';
    case 'badReply':
      return 'bridge and executor have different versions; install the same';
  }
}
