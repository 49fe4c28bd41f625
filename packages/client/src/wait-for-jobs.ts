import type { MethodInput, MethodResult } from '@cc-executor/protocol';

/** Longest single request, in milliseconds: short enough that no idle limit on the way fires. */
const MAX_STEP_MS = 60_000;

/** How to wait for jobs. */
export interface WaitOptions {
  /** @default all */
  readonly mode?: 'any' | 'all';
  /** Most time to wait, in milliseconds. @default no bound */
  readonly waitMs?: number;
  /** Aborting ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
}

type WaitCall = (params: MethodInput<'job/wait'>) => Promise<MethodResult<'job/wait'>>;

/** Waits for jobs to end by as many bounded requests as it takes. */
export async function waitForJobs(
  call: WaitCall,
  jobIds: readonly string[],
  options: Pick<WaitOptions, 'mode' | 'waitMs'>,
): Promise<MethodResult<'job/wait'>> {
  const { mode = 'all', waitMs = Infinity } = options;
  const deadline = performance.now() + waitMs;
  for (;;) {
    const leftMs = Math.max(0, Math.ceil(deadline - performance.now()));
    const step = Math.min(leftMs, MAX_STEP_MS);
    const answer = await call({ jobIds: [...jobIds], mode, waitMs: step });
    if (answer.done || leftMs <= step) return answer;
  }
}
