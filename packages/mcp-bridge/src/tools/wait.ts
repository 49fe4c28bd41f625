import { z } from 'zod';
import type { BridgeServices } from '../bridge-services.ts';
import { waitForResults } from '../jobs/wait-for-results.ts';
import { defineTool, type Tool } from '../tool.ts';
import { jobIdsField, waitSecondsField } from './tool-input.ts';

const input = z.strictObject({
  job_ids: jobIdsField,
  mode: z.enum(['any', 'all']).default('all').describe('Return when any or all have ended. Default all'),
  wait_seconds: waitSecondsField,
});

/** Waits for jobs and brings their results. */
export function waitTool(services: BridgeServices): Tool {
  return defineTool({
    name: 'wait',
    title: 'Wait for jobs',
    description:
      'Wait until any or all of the jobs have ended and return the result of those that have. One wait for many jobs is cheaper than polling.',
    input,
    annotations: { readOnlyHint: true },
    run: ({ job_ids, mode, wait_seconds }, context) =>
      waitForResults(services, [...new Set(job_ids)], { mode, waitSeconds: wait_seconds }, context),
  });
}
