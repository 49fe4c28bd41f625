import { RpcError, type MethodInput } from '@cc-executor/protocol';
import type { BridgeServices } from '../bridge-services.ts';
import type { ToolContext, ToolResult } from '../tool.ts';
import { ANSWER_CHARS } from '../view/claude-answer.ts';
import { endedResult, runningResult } from '../view/job-result.ts';
import { ClaudeObserver } from './claude-observer.ts';
import { CommandObserver } from './command-observer.ts';
import { followToEnd } from './follow-to-end.ts';
import { waitForResults } from './wait-for-results.ts';

/** How long cancelling may take after the call is over, in milliseconds. */
const CANCEL_TIMEOUT_MS = 10_000;

/** How long a call stays with its job. */
export interface StayOptions {
  /** Seconds. 0 does not wait. */
  readonly waitSeconds: number;
  /** Start only. */
  readonly isBackground: boolean;
}

/** Starts a job for a call and brings back its result, or the word that it goes on. */
export async function runJob(
  services: BridgeServices,
  params: MethodInput<'job/start'> & { readonly jobId: string },
  stay: StayOptions,
  context: ToolContext,
): Promise<ToolResult> {
  const { link } = services;
  const { jobId, kind } = params;
  const { signal } = context;
  const getView = () => link.use(signal, (client) => client.call('job/get', { jobId }, { signal }));
  try {
    if (stay.isBackground || stay.waitSeconds === 0) {
      await link.use(signal, (client) => client.startJob({ ...params, attach: false }));
      signal.throwIfAborted();
      const view = await getView();
      // A repeated call finds the job that the first one started, which may be over.
      if (view.state.status !== 'ended') return runningResult(view, '');
      const stayed = { mode: 'all', waitSeconds: 0 } as const;
      return await waitForResults(services, [jobId], stayed, context);
    }
    const Observer = kind === 'command' ? CommandObserver : ClaudeObserver;
    using observer = new Observer(jobId, (message) => context.progress(message));
    const waitMs = stay.waitSeconds * 1_000;
    const end = await followToEnd(services, { params, waitMs, observer, signal });
    // Before the view is fetched, so that the last progress is on its way before the result.
    const brought = observer.finish();
    const view = await getView();
    return end === 'ended' ? endedResult(view, brought, ANSWER_CHARS) : runningResult(view, brought);
  } catch (error) {
    // The client repeats a call whose first run has not let go of the job yet.
    if (error instanceof RpcError && error.code === 'alreadyAttached') {
      // The first run may not have started it yet; this resolves when somebody has.
      await link.use(signal, (client) => client.startJob({ ...params, attach: false }));
      return await waitForResults(services, [jobId], { mode: 'all', waitSeconds: stay.waitSeconds }, context);
    }
    if (signal.aborted && context.stopCause() === 'user') await cancelJob(services, jobId);
    throw error;
  }
}

/** The user does not want the job any more. A time-out of the client, or its end, leaves the job running. */
async function cancelJob({ link, log }: BridgeServices, jobId: string): Promise<void> {
  const signal = AbortSignal.timeout(CANCEL_TIMEOUT_MS);
  try {
    await link.use(signal, (client) => client.control(jobId, 'cancel', { signal }));
    log(`${jobId}: cancelled with its call`);
  } catch {
    log(`${jobId}: could not be cancelled with its call`);
  }
}
