import type { ExecutorClient } from '@cc-executor/client';
import type { JobView, LogEntry, MethodResult } from '@cc-executor/protocol';
import { z } from 'zod';
import type { BridgeServices } from '../bridge-services.ts';
import { failure } from '../error-result.ts';
import { renderEntries } from '../jobs/render-entries.ts';
import { defineTool, type Tool } from '../tool.ts';
import { headerLine } from '../view/envelope.ts';
import { jobIdField } from './tool-input.ts';

/** What clients are told to take inline from this tool, in characters. */
const MAX_CHARS = 500_000;
/** Output that is read to find the last lines, in bytes a line. Longer lines make for fewer of them. */
const BYTES_PER_LINE = 200;
const MIN_TAIL_BYTES = 16 * 1024;
const MAX_TAIL_BYTES = 256 * 1024;

const input = z.strictObject({
  job_id: jobIdField,
  after_seq: z.number().int().min(0).optional().describe('Read on from next_after_seq of the call before'),
  tail_lines: z.number().int().min(1).max(2_000).optional().describe('Instead: the last lines'),
  max_bytes: z
    .number()
    .int()
    .min(1)
    .max(256 * 1024)
    .default(32 * 1024)
    .describe('About how much to read. Default 32768'),
});

/** Reads a job's output, or what a Claude said and did. */
export function readOutputTool({ link }: BridgeServices): Tool {
  return defineTool({
    name: 'read_output',
    title: 'Read the output of a job',
    description:
      "Read a job's output, also while it runs: the last lines, or page by page from the beginning. For a Claude: what it said and the tools it used.",
    input,
    annotations: { readOnlyHint: true },
    meta: { 'anthropic/maxResultSizeChars': MAX_CHARS },
    run: async ({ job_id: jobId, after_seq, tail_lines, max_bytes }, { signal }) => {
      if (after_seq !== undefined && tail_lines !== undefined) {
        return failure('invalidArguments', 'read_output takes at most one of after_seq and tail_lines', []);
      }
      return link.use(signal, async (client) => {
        const view = await client.call('job/get', { jobId }, { signal });
        const part =
          tail_lines === undefined
            ? await readPage(client, view, after_seq ?? 0, max_bytes, signal)
            : await readTail(client, view, tail_lines, signal);
        const header = `${headerLine(view)} next_after_seq=${part.nextAfterSeq} at_end=${part.isAtEnd}`;
        return { text: [header, ...part.lines].join('\n').slice(0, MAX_CHARS), isError: false };
      });
    },
  });
}

interface Part {
  readonly lines: string[];
  readonly nextAfterSeq: number;
  readonly isAtEnd: boolean;
}

async function readPage(
  client: ExecutorClient,
  { jobId }: JobView,
  afterSeq: number,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Part> {
  let nextAfterSeq = afterSeq;
  for (;;) {
    const page = await client.call('job/read', { jobId, afterSeq: nextAfterSeq, maxBytes }, { signal });
    const lines = renderEntries(page.entries);
    nextAfterSeq = page.nextAfterSeq;
    // A page may hold nothing that is shown, such as changes of state.
    if (lines.length > 0 || page.atEnd || page.entries.length === 0) {
      return { lines, nextAfterSeq, isAtEnd: page.atEnd };
    }
  }
}

async function readTail(
  client: ExecutorClient,
  view: JobView,
  count: number,
  signal: AbortSignal,
): Promise<Part> {
  const { jobId, lastSeq } = view;
  const tailBytes = Math.min(MAX_TAIL_BYTES, Math.max(MIN_TAIL_BYTES, count * BYTES_PER_LINE));
  const entries: LogEntry[] = [];
  let from: { tailBytes: number } | { afterSeq: number } = { tailBytes };
  for (;;) {
    const page: MethodResult<'job/read'> = await client.call(
      'job/read',
      { jobId, ...from, maxBytes: MAX_TAIL_BYTES },
      { signal },
    );
    entries.push(...page.entries);
    const { nextAfterSeq } = page;
    // What is printed meanwhile is left for the next call: a job that floods would keep us here.
    if (page.atEnd || page.entries.length === 0 || nextAfterSeq >= lastSeq) {
      return { lines: renderEntries(entries).slice(-count), nextAfterSeq, isAtEnd: page.atEnd };
    }
    from = { afterSeq: nextAfterSeq };
  }
}
