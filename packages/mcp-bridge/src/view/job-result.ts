import type { JobView } from '@cc-executor/protocol';
import type { ToolResult } from '../tool.ts';
import { capText, MAX_RESULT_CHARS } from './cap-text.ts';
import { claudeAnswer } from './claude-answer.ts';
import { headerLine } from './envelope.ts';
import { outcomeNotes } from './hints.ts';

/** The result of a job that has ended: header, notes, answer. @param output view of a command's output */
export function endedResult(view: JobView, output: string, maxChars: number): ToolResult {
  const outcome = view.state.status === 'ended' ? view.state.outcome : undefined;
  const notes = outcome === undefined ? [] : outcomeNotes(outcome, view);
  const body = view.result?.kind === 'claude' ? claudeAnswer(view.result, view.jobId, maxChars) : output;
  const text = [headerLine(view), ...notes, ...(body === '' ? [] : [body])].join('\n');
  return { text: capped(text), isError: outcome?.status !== 'succeeded' };
}

/** The result of a job that goes on: how it stands, and how to go on. */
export function runningResult(view: JobView, soFar: string): ToolResult {
  const lines = [
    headerLine(view),
    `next: call wait with job_ids=["${view.jobId}"]; do not poll`,
    ...(soFar === '' ? [] : ['so far:', soFar]),
  ];
  return { text: capped(lines.join('\n')), isError: false };
}

/** A text that no client puts aside for its length. */
export function capped(text: string): string {
  return capText(text, MAX_RESULT_CHARS, (omitted) => `… ${omitted} characters omitted …`);
}
