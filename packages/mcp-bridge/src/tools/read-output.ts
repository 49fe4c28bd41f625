import { OutputStream } from '@cc-executor/protocol';
import { z } from 'zod';
import type { BridgeServices } from '../bridge-services.ts';
import { failure } from '../error-result.ts';
import { readClaudeEvents } from '../jobs/read-claude-events.ts';
import { readCommandOutput } from '../jobs/read-command-output.ts';
import { defineTool, type Tool } from '../tool.ts';
import { headerLine, joinFacts } from '../view/envelope.ts';
import { jobIdField } from './tool-input.ts';

/** What clients are told to take inline from this tool, in characters. */
const MAX_CHARS = 500_000;

const lineCount = z.number().int().min(1).max(2_000).optional();

const input = z.strictObject({
  job_id: jobIdField,
  after_seq: z.number().int().min(0).optional().describe('Read on from next_after_seq of the call before'),
  offset: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Read, or search, on from next_offset of the call before. Commands only'),
  tail_lines: lineCount.describe('The last lines'),
  head_lines: lineCount.describe('The first lines'),
  search: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe('Only lines that hold this text, taken literally. Cheaper than reading'),
  context_lines: z.number().int().min(0).max(20).default(0).describe('Lines around each match. Default 0'),
  stream: OutputStream.optional().describe('Only this stream. Commands only'),
  max_bytes: z
    .number()
    .int()
    .min(1)
    .max(256 * 1024)
    .default(32 * 1024)
    .describe('About how much to show. Default 32768'),
});
type Input = z.output<typeof input>;

/** Reads or searches a job's output, or what a Claude said and did. */
export function readOutputTool({ link }: BridgeServices): Tool {
  return defineTool({
    name: 'read_output',
    title: 'Read the output of a job',
    description:
      "Read a job's output, also while it runs: the first or last lines, lines that hold a text, or page by page. For a Claude: what it said and the tools it used. The first line says what is shown and how to go on.",
    input,
    annotations: { readOnlyHint: true },
    meta: { 'anthropic/maxResultSizeChars': MAX_CHARS },
    run: async (args, { signal }) => {
      const { job_id: jobId, search, stream, offset } = args;
      const conflict = findConflict(args);
      if (conflict !== undefined) return failure('invalidArguments', conflict, []);
      return link.use(signal, async (client) => {
        const view = await client.call('job/get', { jobId }, { signal });
        const isClaude = view.kind === 'claude';
        if (isClaude && (stream !== undefined || offset !== undefined)) {
          const message = 'offset and stream are for commands; a Claude is read and searched by after_seq';
          return failure('invalidArguments', message, []);
        }
        if (!isClaude && search !== undefined && args.after_seq !== undefined) {
          return failure('invalidArguments', 'the output of a command is searched on from offset', []);
        }
        const query = {
          afterSeq: args.after_seq,
          offset,
          tailLines: args.tail_lines,
          headLines: args.head_lines,
          search,
          contextLines: args.context_lines,
          stream,
          maxBytes: args.max_bytes,
        };
        const read = isClaude ? readClaudeEvents : readCommandOutput;
        const { facts, lines } = await read(client, view, query, signal);
        const invalid = view.invalidBytes > 0 && !isClaude ? `${view.invalidBytes}B` : undefined;
        const header = `${headerLine(view)} ${joinFacts({ not_utf8: invalid, ...facts })}`;
        return { text: [header, ...lines].join('\n').slice(0, MAX_CHARS), isError: false };
      });
    },
  });
}

/** Why these arguments do not go together. */
function findConflict({
  after_seq,
  offset,
  tail_lines,
  head_lines,
  search,
  context_lines,
}: Input): string | undefined {
  const places = { after_seq, offset, tail_lines, head_lines };
  const given = Object.entries(places).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (given.length > 1) return `read_output takes at most one of ${given.join(' and ')}`;
  if (search !== undefined && (tail_lines ?? head_lines) !== undefined) {
    return `search goes through all there is, or on from a place: it takes no ${given.join()}`;
  }
  if (search === undefined && context_lines > 0) return 'context_lines are for search';
  return undefined;
}
