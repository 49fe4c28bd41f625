import type { JobView, Outcome, TimedOutWhich } from '@cc-executor/protocol';

/** What happened and what can be done, for an end that is no success. */
export function outcomeNotes(outcome: Outcome, view: JobView): string[] {
  const session = view.result?.kind === 'claude' ? view.result.sessionId : view.sessionId;
  const resume = session === undefined ? [] : [`hint: continue with execute_claude session_id=${session}`];
  switch (outcome.status) {
    case 'succeeded':
      return [];
    case 'failed':
      return failureNotes(outcome.reason, message(outcome.message), resume);
    case 'limited':
      return [`message: ${outcome.limit.message}`, `hint: ${outcome.limit.hint}`];
    case 'cancelled':
      return resume;
    case 'timed_out':
      return [`hint: ${timeOutHint[outcome.which]}`, ...resume];
    case 'stalled':
      return [...message(outcome.message), ...resume];
    case 'lost':
      return [
        ...message(outcome.message),
        'hint: the executor died while the job ran; read_output shows what it had printed; start it again',
        ...resume,
      ];
  }
}

const timeOutHint: Record<TimedOutWhich, string> = {
  total: 'give it a larger timeout (seconds), or find out why it takes so long',
  idle: 'it was silent for too long; read_output shows where it stood',
  start: 'it did not come up in time: the machine is overloaded, or an MCP server of it does not answer',
};

function message(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : [`message: ${text}`];
}

type FailureReason = Extract<Outcome, { status: 'failed' }>['reason'];

function failureNotes(reason: FailureReason, words: string[], resume: string[]): string[] {
  // The header has the code or the signal already.
  if (reason === 'exit' || reason === 'signal') return [];
  return [...words, ...failureHint(reason, resume)];
}

function failureHint(reason: Exclude<FailureReason, 'exit' | 'signal'>, resume: string[]): string[] {
  switch (reason) {
    case 'spawn':
      return ['hint: the program could not be started; check its path, permissions and cwd'];
    case 'startup':
      return ['hint: the Claude CLI did not come up; the message above is what it said'];
    case 'api':
    case 'network':
      return ['hint: the API could not be used; try again later', ...resume];
    case 'model':
      return ['hint: the model is not available; pass another model'];
    case 'refusal':
      return ['hint: the model declined; word the task differently'];
    case 'schema':
      return ['hint: the answer did not meet output_schema; simplify it or ask again', ...resume];
    case 'outputQuota':
      return [
        'hint: it printed more than is kept, and was started to fail then; read_output shows what was kept; print less, or into a file',
      ];
    case 'disk':
      return [
        'hint: the disk of the executor did not take its output; the operator can make room; then start it again',
      ];
    case 'internal':
      return ['hint: this is a fault of cc-executor; its log tells more'];
  }
}
