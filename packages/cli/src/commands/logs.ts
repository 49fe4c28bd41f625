import type { LogEntry } from '@cc-executor/protocol';
import { showClaudeLines } from '../claude-log.ts';
import { ClaudePrinter } from '../claude-printer.ts';
import type { Command, CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findExecutor } from '../find-executor.ts';
import { followLog } from '../follow-log.ts';
import { logOptions, type LogPart } from '../log-options.ts';
import { logBeginning, readHead, readSoFar, readTail, type LogPlace, type ReadOptions } from '../log-part.ts';
import { OutputPrinter } from '../output-printer.ts';
import { parseOptions, requireJobs } from '../parse-options.ts';
import { reconnectWithNote } from '../reconnect-note.ts';
import { searchLines } from '../search-lines.ts';
import { readVersion } from '../version.ts';

/** Shows what a job has printed. */
export const logs: Command = {
  usage: `Usage: cc-executor logs [-f] [--head N | --tail N | --search TEXT] [--stream stdout|stderr] JOB

Shows what a job has printed so far, whether it runs or has ended; of a Claude, what it said and did.

  -f, --follow   go on until the job ends. Leaving does not touch it
  --head N       the first N lines
  --tail N       the last N lines
  --search TEXT  lines that hold this text, taken literally. The exit code is 1 when there are none
  --context N    with --search: N lines before and after each, at most 20
  --stream NAME  only what went to stdout or stderr; of a Claude, what its CLI really printed

What is no longer kept is told on stderr.`,

  async run(args, context) {
    const { values, positionals } = parseOptions(args, {
      follow: { type: 'boolean', short: 'f' },
      head: { type: 'string' },
      tail: { type: 'string' },
      search: { type: 'string' },
      context: { type: 'string' },
      stream: { type: 'string' },
    });
    const [jobId] = requireJobs(positionals, 'one');
    const { part, isFollowed, stream } = logOptions(values);
    await using client = await findExecutor(context, {
      version: readVersion(),
      reconnect: reconnectWithNote(context),
    });
    const view = await client.call('job/get', { jobId });
    const isClaude = view.kind === 'claude' && stream === undefined;
    const log: ReadOptions = { client, view, stream, include: isClaude ? 'event' : 'output' };
    if (part.kind === 'search') {
      const count = isClaude
        ? (await showClaudeLines(log, part, context)).count
        : await searchLines(log, part, context);
      return count === 0 ? exitCodes.failed : exitCodes.succeeded;
    }
    const printer = isClaude ? new ClaudePrinter(context, 'stream') : new OutputPrinter(context, false);
    const show = (entry: LogEntry): Promise<void> => printer.show(entry);
    // All of an ended job is followed, too: it comes in a stream, and not page by page.
    const isStreamed = part.kind === 'all' && (isFollowed || view.state.status === 'ended');
    const place = isStreamed ? logBeginning : await showPart(log, part, show, context);
    if (isStreamed || isFollowed) for await (const entry of followLog(log, place)) await show(entry);
    return exitCodes.succeeded;
  },
};

/** Shows what there is now. @returns where to go on */
async function showPart(
  log: ReadOptions,
  part: Exclude<LogPart, { kind: 'search' }>,
  show: (entry: LogEntry) => Promise<void>,
  context: CommandContext,
): Promise<LogPlace> {
  if (part.kind === 'all') return showAll(readSoFar(log), show);
  if (log.include === 'event') return (await showClaudeLines(log, part, context)).place;
  return showAll(part.kind === 'head' ? readHead(log, part.lines) : readTail(log, part.lines), show);
}

/** Shows entries one after the other. @returns what they end with */
async function showAll(
  entries: AsyncGenerator<LogEntry, LogPlace>,
  show: (entry: LogEntry) => Promise<void>,
): Promise<LogPlace> {
  for (;;) {
    const next = await entries.next();
    if (next.done === true) return next.value;
    await show(next.value);
  }
}
