import type { JobState, Limit } from '@cc-executor/protocol';
import { joinFacts, limitFacts } from '../view/envelope.ts';

/** A job's state as a progress message, or undefined when it is not worth one. */
export function stateWords(state: JobState): string | undefined {
  switch (state.status) {
    case 'queued':
      // Every job passes through the queue; only a wait for something outside is news.
      if (state.reason === 'capacity') return undefined;
      return `queued (${state.reason})${state.until === undefined ? '' : ` until ${state.until}`}`;
    case 'running':
      return state.paused ? 'paused' : undefined;
    case 'starting':
    case 'stopping':
    case 'ended':
      return undefined;
  }
}

/** A limit as a progress message. */
export function limitWords(limit: Limit): string {
  return `${joinFacts(limitFacts(limit))} ${limit.message}`;
}
