import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { BridgeServices } from '../bridge-services.ts';
import { failure } from '../error-result.ts';
import { defineTool, type Tool } from '../tool.ts';
import { joinFacts } from '../view/envelope.ts';
import { jobIdField } from './tool-input.ts';

const input = z.strictObject({
  job_id: jobIdField,
  text: z.string().optional().describe('Written as it is: end a line with \\n'),
  eof: z.boolean().default(false).describe('Close the input afterwards'),
});

/** Writes to the standard input of a command that was started with `stdin: pipe`. */
export function sendInputTool({ link }: BridgeServices): Tool {
  return defineTool({
    name: 'send_input',
    title: 'Write to a job',
    description: 'Write to the standard input of a job that execute started with stdin=pipe.',
    input,
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    run: async ({ job_id: jobId, text, eof }, { signal }) => {
      if (text === undefined && !eof) {
        return failure('invalidArguments', 'send_input needs text, eof or both', []);
      }
      // One id for all tries: the executor writes it once.
      const writeId = randomUUID();
      const facts = await link.use(signal, async (client) => {
        const options = { signal };
        const written =
          text === undefined
            ? undefined
            : await client.call('job/write', { jobId, writeId, data: text }, options);
        if (eof) await client.call('job/closeStdin', { jobId }, options);
        return { job: jobId, accepted: written && `${written.acceptedBytes}B`, eof: eof || undefined };
      });
      return { text: joinFacts(facts), isError: false };
    },
  });
}
