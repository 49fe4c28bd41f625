import type { ClaudeResult, FailureReason, Limit, Outcome } from '@cc-executor/protocol';
import type { ClaudeFacts, TurnFacts } from './facts.ts';
import { limitOf } from './limit-rules.ts';

/** How the process of a run ended, as the parent learns it. */
export interface ClaudeExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What became of a run. */
export interface ClaudeVerdict {
  readonly outcome: Outcome;
  /** The limit of a `limited` outcome. */
  readonly limit?: Limit;
  readonly result: ClaudeResult;
}

const MAX_MESSAGE_CHARS = 2000;

/** The CLI ends itself on these signals and then exits with 128 and their number. */
const SIGNAL_CODES: ReadonlyMap<number, string> = new Map([
  [129, 'SIGHUP'],
  [130, 'SIGINT'],
  [137, 'SIGKILL'],
  [143, 'SIGTERM'],
]);

const NETWORK_ERRORS = new Set(['connection_failed', 'stream_idle_timeout', 'no_response']);

/**
 * Says how a run ended, by the first rule that holds. The result of its last turn decides: exit code 0 and
 * `subtype: success` also occur with errors, and a process may be ended after its answer. Only a run without
 * a result, or with a turn cut short, is judged by its exit.
 *
 * An interrupted turn is `cancelled {by: interrupt}`; who knows why it was interrupted may say it better.
 *
 * @param stderrTail - The last part of stderr; start-up errors are told only there.
 */
export function classify(facts: ClaudeFacts, exit: ClaudeExit, stderrTail: string): ClaudeVerdict {
  const { result, lastTurn } = facts;
  if (lastTurn === undefined || facts.isTurnOpen)
    return { outcome: outcomeOfExit(facts, exit, stderrTail), result };
  const limit = limitOf(facts, lastTurn);
  if (limit !== undefined) return { outcome: { status: 'limited', limit }, limit, result };
  return { outcome: outcomeOfTurn(facts, lastTurn, exit), result };
}

function outcomeOfTurn(facts: ClaudeFacts, turn: TurnFacts, exit: ClaudeExit): Outcome {
  if (turn.terminalReason === 'aborted_streaming' || turn.terminalReason === 'aborted_tools') {
    return { status: 'cancelled', by: 'interrupt' };
  }
  if (turn.stopReason === 'refusal' || (turn.isError && facts.wasRefused))
    return failed('refusal', turn.message);
  if (turn.subtype === 'error_max_structured_output_retries') return failed('schema', turn.message);
  if (turn.isError) return failed(reasonOf(facts, turn), turn.message, exit);
  if (facts.expectsStructuredOutput && facts.result.structuredOutput === undefined) {
    return failed('schema', 'The answer came as text, not as the data that the schema asks for.');
  }
  return { status: 'succeeded' };
}

function reasonOf(facts: ClaudeFacts, turn: TurnFacts): FailureReason {
  const status = turn.apiErrorStatus ?? facts.apiError?.status;
  if (facts.apiError?.error === 'model_not_found' || status === 404) return 'model';
  if (NETWORK_ERRORS.has(turn.apiError ?? facts.apiError?.apiError ?? '')) return 'network';
  if (status !== undefined || facts.apiError !== undefined || turn.terminalReason === 'api_error')
    return 'api';
  return facts.hasStarted ? 'exit' : 'startup';
}

function outcomeOfExit(facts: ClaudeFacts, exit: ClaudeExit, stderrTail: string): Outcome {
  const signal = exit.signal ?? SIGNAL_CODES.get(exit.code ?? 0);
  const said = stderrTail.trim().slice(-MAX_MESSAGE_CHARS);
  if (signal !== undefined)
    return { ...failed('signal', said || `Ended by ${signal} before its result.`), signal };
  if (!facts.hasStarted && exit.code !== 0) return failed('startup', said || 'Ended before it was up.', exit);
  return failed('exit', said || 'Ended without a result.', exit);
}

function failed(
  reason: FailureReason,
  message: string,
  exit?: ClaudeExit,
): Extract<Outcome, { status: 'failed' }> {
  const exitCode = exit?.code ?? undefined;
  return {
    status: 'failed',
    reason,
    ...(exitCode !== undefined && { exitCode }),
    ...(message !== '' && { message }),
  };
}
