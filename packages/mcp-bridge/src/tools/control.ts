import type { JobState } from '@cc-executor/protocol';
import { z } from 'zod';
import type { BridgeServices } from '../bridge-services.ts';
import { errorResult } from '../error-result.ts';
import { defineTool, type Tool } from '../tool.ts';
import { joinFacts } from '../view/envelope.ts';
import { jobIdsField } from './tool-input.ts';

const input = z.strictObject({
  job_ids: jobIdsField,
  action: z
    .enum(['pause', 'resume', 'interrupt', 'cancel'])
    .describe(
      'pause loses nothing; interrupt is Ctrl-C and keeps a Claude session; cancel ends the whole tree',
    ),
  grace_seconds: z.number().min(0).max(600).optional().describe('For cancel: SIGKILL after it. Default 5'),
});

/** Pauses, resumes, interrupts or cancels jobs. */
export function controlTool({ link }: BridgeServices): Tool {
  return defineTool({
    name: 'control',
    title: 'Control jobs',
    description:
      'Pause, resume, interrupt or cancel jobs. It answers at once; wait tells when a job has ended.',
    input,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    run: async ({ job_ids, action, grace_seconds }, { signal }) => {
      const lines: string[] = [];
      let failures = 0;
      const options = grace_seconds === undefined ? {} : { graceMs: Math.round(grace_seconds * 1_000) };
      for (const jobId of new Set(job_ids)) {
        try {
          const change = await link.use(signal, (client) =>
            client.control(jobId, action, { ...options, signal }),
          );
          lines.push(
            joinFacts({ job: jobId, action, before: word(change.before), after: word(change.after) }),
          );
        } catch (error) {
          signal.throwIfAborted();
          failures += 1;
          lines.push(`job=${jobId} action=${action} ${errorResult(error).text}`);
        }
      }
      return { text: lines.join('\n'), isError: failures === lines.length };
    },
  });
}

function word(state: JobState): string {
  if (state.status === 'running' && state.paused) return 'paused';
  return state.status === 'ended' ? `ended/${state.outcome.status}` : state.status;
}
