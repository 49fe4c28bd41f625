import { constants } from 'node:os';
import type { LimitKind, Outcome } from '@cc-executor/protocol';

/** What the command answers to whoever started it. `run` answers with the code of what it ran instead. */
export const exitCodes = {
  succeeded: 0,
  /** Failed, or limited for good. */
  failed: 1,
  usage: 2,
  noExecutor: 3,
  /** Limited by rate, usage or overload, or refused for now: the same may work later. */
  tryLater: 75,
  timedOut: 124,
  /** Cancelled or interrupted. */
  cancelled: 130,
  /** Whoever read our output has gone; 128 + SIGPIPE, as other programs end then. */
  outputClosed: 141,
} as const;

const passingLimits: ReadonlySet<LimitKind> = new Set(['rate', 'usage', 'overloaded']);

/** The exit code that stands for how a job ended. */
export function exitCodeOfOutcome(outcome: Outcome): number {
  switch (outcome.status) {
    case 'succeeded':
      return exitCodes.succeeded;
    case 'failed':
    case 'stalled':
    case 'lost':
      return exitCodes.failed;
    case 'limited':
      return passingLimits.has(outcome.limit.kind) ? exitCodes.tryLater : exitCodes.failed;
    case 'timed_out':
      return exitCodes.timedOut;
    case 'cancelled':
      return exitCodes.cancelled;
  }
}

/** The exit code of `run`: the command's own, 128 plus the signal that ended it, or what the outcome says. */
export function exitCodeOfCommand(outcome: Outcome): number {
  if (outcome.status !== 'failed') return exitCodeOfOutcome(outcome);
  if (outcome.reason === 'exit') return outcome.exitCode ?? exitCodes.failed;
  if (outcome.reason === 'signal') return 128 + signalNumber(outcome.signal);
  return exitCodes.failed;
}

function signalNumber(name: string | undefined): number {
  return (name !== undefined && new Map<string, number>(Object.entries(constants.signals)).get(name)) || 0;
}
