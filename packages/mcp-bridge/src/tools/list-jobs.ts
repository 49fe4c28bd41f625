import { JobStatus } from '@cc-executor/protocol';
import { z } from 'zod';
import type { BridgeServices } from '../bridge-services.ts';
import { defineTool, type Tool } from '../tool.ts';
import { oneLine } from '../view/clean-text.ts';
import { headerLine } from '../view/envelope.ts';
import { capped } from '../view/job-result.ts';
import { defined } from './tool-input.ts';

const input = z.strictObject({
  states: z.array(JobStatus).min(1).optional().describe('Only jobs in these states. Default all'),
  limit: z.number().int().min(1).max(200).default(20).describe('Default 20'),
});

/** Lists jobs, newest first. */
export function listJobsTool({ link }: BridgeServices): Tool {
  return defineTool({
    name: 'list_jobs',
    title: 'List jobs',
    description: 'List jobs of this executor, newest first, one line each.',
    input,
    annotations: { readOnlyHint: true },
    run: ({ states, limit }, { signal }) =>
      link.use(signal, async (client) => {
        const { jobs, nextCursor } = await client.call(
          'job/list',
          { limit, ...defined({ states }) },
          { signal },
        );
        const lines = [
          `jobs=${jobs.length}${nextCursor === undefined ? '' : ' more=true'}`,
          ...jobs.map((view) => `${headerLine(view)} kind=${view.kind} title=${oneLine(view.title, 100)}`),
        ];
        return { text: capped(lines.join('\n')), isError: false };
      }),
  });
}
