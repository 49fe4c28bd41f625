import type { JobState, JobView } from '@cc-executor/protocol';
import { outcomeText } from './describe-outcome.ts';
import { oneLine } from './terminal-text.ts';

/** Widest state in the table, in characters. `wait` tells all of it. */
const MAX_STATE_CHARS = 36;

/** Jobs as lines for people: id, kind, state, age, title. */
export function jobTable(jobs: readonly JobView[], now: Date): string[] {
  const rows = jobs.map((job) => [
    job.jobId,
    job.kind,
    shorten(jobText(job)),
    ageText(now.getTime() - Date.parse(job.createdAt)),
    oneLine(job.title),
  ]);
  const header = ['JOB', 'KIND', 'STATE', 'AGE', 'TITLE'];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** The state of a job, and what became of its output, if anything. */
function jobText({ state, isBlocked, droppedBytes }: JobView): string {
  const isPaused = state.status === 'running' && state.paused;
  const text = isBlocked && !isPaused ? 'blocked' : stateText(state);
  return droppedBytes === 0 ? text : `${text}, dropped ${sizeText(droppedBytes)}`;
}

/** What went wrong may be told at length; the column must leave room for the title. */
function shorten(text: string): string {
  const chars = Array.from(text);
  return chars.length <= MAX_STATE_CHARS ? text : `${chars.slice(0, MAX_STATE_CHARS - 1).join('')}…`;
}

/** A job's state in a word or two; of a failure, what is known of it. */
export function stateText(state: JobState): string {
  switch (state.status) {
    case 'running':
      return state.paused ? 'paused' : 'running';
    case 'queued':
      return state.reason === 'hold' ? 'held' : 'queued';
    case 'starting':
    case 'stopping':
      return state.status;
    case 'ended':
      return outcomeText(state.outcome);
  }
}

/** A size to read at a glance, such as `1.5M`. */
export function sizeText(bytes: number): string {
  let [size, unit] = [bytes, 0];
  for (; size >= 1000 && unit < 4; unit += 1) size /= 1024;
  return `${unit === 0 || size >= 10 ? Math.round(size) : size.toFixed(1)}${['B', 'K', 'M', 'G', 'T'][unit]}`;
}

/** A duration to read at a glance, such as `3m` or `2d`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
