import type { ExecutorClient } from '@cc-executor/client';
import type { JobView } from '@cc-executor/protocol';
import type { BridgeServices } from '../bridge-services.ts';
import { ProgressReporter } from '../progress-reporter.ts';
import type { ToolContext, ToolResult } from '../tool.ts';
import { ANSWER_CHARS } from '../view/claude-answer.ts';
import { headerLine } from '../view/envelope.ts';
import { capped, endedResult } from '../view/job-result.ts';
import { OUTPUT_CHARS } from '../view/output-view.ts';
import { readEndedOutput } from './read-ended-output.ts';

/** Text of all jobs together, in characters. */
const ALL_CHARS = 46_000;

/** What to wait for, and how long. */
export interface ResultsWait {
  readonly mode: 'any' | 'all';
  readonly waitSeconds: number;
}

/** Waits for jobs without following them, and brings the results of those that have ended. */
export async function waitForResults(
  { link }: BridgeServices,
  jobIds: readonly string[],
  { mode, waitSeconds }: ResultsWait,
  context: ToolContext,
): Promise<ToolResult> {
  const { signal } = context;
  using _reporter = new ProgressReporter(
    (message) => context.progress(message),
    () => `waits for ${jobIds.join(', ')}`,
  );
  const deadline = performance.now() + waitSeconds * 1_000;
  return await link.use(signal, async (client) => {
    const waitMs = Math.max(0, deadline - performance.now());
    const { jobs, done } = await client.wait(jobIds, { mode, waitMs, signal });
    return report(client, jobs, done, signal);
  });
}

async function report(
  client: ExecutorClient,
  jobs: readonly JobView[],
  isDone: boolean,
  signal: AbortSignal,
): Promise<ToolResult> {
  const ended = jobs.filter(({ state }) => state.status === 'ended');
  const running = jobs.filter(({ state }) => state.status !== 'ended');
  const shareChars = Math.floor(ALL_CHARS / Math.max(1, ended.length)) - 500;
  const results: ToolResult[] = [];
  for (const view of ended) {
    const maxChars = Math.max(
      500,
      Math.min(shareChars, view.kind === 'claude' ? ANSWER_CHARS : OUTPUT_CHARS),
    );
    const output = view.kind === 'command' ? await readEndedOutput(client, view, maxChars, signal) : '';
    results.push(endedResult(view, output, maxChars));
  }
  const lines = [...results.map(({ text }) => text), ...running.map((view) => headerLine(view))];
  if (!isDone) {
    const ids = running.map(({ jobId }) => `"${jobId}"`).join(',');
    lines.push(`next: call wait again with job_ids=[${ids}]; do not poll`);
  }
  const isError = results.length > 0 && results.every((result) => result.isError);
  return { text: capped(lines.join('\n\n')), isError };
}
