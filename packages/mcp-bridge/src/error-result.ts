import { ClientError } from '@cc-executor/client';
import { errorTable, RpcError, type MendedBy } from '@cc-executor/protocol';
import type { ToolResult } from './tool.ts';
import { joinFacts } from './view/envelope.ts';

const mendWords: Record<MendedBy, string> = {
  caller: 'mend the request, then try again',
  operator: 'the operator of the executor can mend this; then try again',
  us: 'this is a fault of cc-executor; its log tells more',
};

/** A running executor keeps the policy it was started with. */
const POLICY_WORDS =
  'the operator of the executor can mend this, then end it with `cc-executor stop`, which ends its jobs; then try again';

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
  const { retry, mendedBy } = errorTable[error.code];
  if (error.code === 'unknownJob') return ['list_jobs shows the jobs there are'];
  switch (retry) {
    case 'afterMending':
      return [...facts(error), error.code === 'policyRefused' ? POLICY_WORDS : mendWords[mendedBy]];
    case 'later':
      return [...facts(error), 'try again later'];
    case 'never':
      return [mendedBy === 'us' ? mendWords.us : 'the same request will not succeed'];
  }
}

/** The facts of the code that say how to mend it, where the message does not. */
function facts({ data, message }: RpcError): string[] {
  if ('problems' in data) {
    return data.problems
      .map((problem) => `${problem.path}: ${problem.message}`)
      .filter((words) => !message.includes(words));
  }
  if ('retryAfterMs' in data) return [`retry after ${data.retryAfterMs} ms`];
  if ('mend' in data && !message.includes(data.mend)) return [`${data.mend} in ${data.file}`];
  return [];
}

function clientHint(error: ClientError): string {
  switch (error.code) {
    case 'connectFailed':
    case 'timedOut':
      return 'no executor answers; start one with `cc-executor serve`, whose log says what keeps it from starting';
    case 'unauthorized':
      return 'the operator can mend this: set CC_EXECUTOR_TOKEN to the token of the executor';
    case 'handshakeRefused':
      return 'the operator can mend this: check CC_EXECUTOR_WEBSOCKET_URL';
    case 'connectionLost':
    case 'otherExecutor':
    case 'closed':
      return 'jobs that were started go on; call list_jobs';
    case 'frameTooLarge':
      return 'you can mend this: put the large part into a file and name the file';
    case 'badReply':
      return 'bridge and executor have different versions; install the same';
  }
}
