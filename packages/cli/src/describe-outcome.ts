import type { FailureReason, Limit, Outcome } from '@cc-executor/protocol';
import { oneLine } from './terminal-text.ts';

/** How a job ended, in a few words. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.status) {
    case 'succeeded':
      return 'succeeded';
    case 'failed':
      return `failed (${oneLine(outcome.message ?? failureText(outcome.reason))})`;
    case 'limited':
      return `limited (${outcome.limit.kind})`;
    case 'cancelled':
      return outcome.by === 'interrupt' ? 'interrupted' : `cancelled (by ${outcome.by})`;
    case 'timed_out':
      return outcome.which === 'total' ? 'timed out' : `timed out (${outcome.which})`;
    case 'stalled':
      return 'stalled';
    case 'lost':
      return 'lost: the executor died while it ran';
  }
}

function failureText(reason: FailureReason): string {
  if (reason === 'outputQuota') return 'it printed more than is kept';
  return reason === 'disk' ? 'the disk did not take its output' : reason;
}

/** What people are told of an end that the job's own output does not explain: what happened, what to do. */
export function outcomeLines(outcome: Outcome): string[] {
  if (outcome.status === 'succeeded') return [];
  if (outcome.status !== 'limited') return [outcomeText(outcome)];
  return [`${outcomeText(outcome)}: ${oneLine(outcome.limit.message)}`, limitHint(outcome.limit)];
}

function limitHint({ hint, resetsAt, retryAfterMs }: Limit): string {
  const when =
    resetsAt !== undefined
      ? ` The limit ends at ${resetsAt}.`
      : retryAfterMs !== undefined
        ? ` Wait ${Math.ceil(retryAfterMs / 1000)} s.`
        : '';
  return oneLine(`${hint}${when}`);
}
