import type { ExecutorClient } from '@cc-executor/client';
import type { LogEntry } from '@cc-executor/protocol';
import { ClaudePrinter } from '../claude-printer.ts';
import type { Command } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findExecutor } from '../find-executor.ts';
import { OutputPrinter } from '../output-printer.ts';
import { parseOptions, requireJobs } from '../parse-options.ts';
import { reconnectWithNote } from '../reconnect-note.ts';
import { readVersion } from '../version.ts';

const READ_BYTES = 1024 * 1024;

/** Shows what a job has printed. */
export const logs: Command = {
  usage: `Usage: cc-executor logs [-f] JOB

Shows what a job has printed so far, whether it runs or has ended.

  -f, --follow   go on until the job ends. Leaving does not touch it`,

  async run(args, context) {
    const { values, positionals } = parseOptions(args, { follow: { type: 'boolean', short: 'f' } });
    const [jobId] = requireJobs(positionals, 'one');
    await using client = await findExecutor(context, {
      version: readVersion(),
      reconnect: reconnectWithNote(context),
    });
    const { kind } = await client.call('job/get', { jobId });
    const printer =
      kind === 'claude' ? new ClaudePrinter(context, 'stream') : new OutputPrinter(context, false);
    const entries =
      values.follow === true ? client.follow(jobId, { encoding: 'base64' }) : readSoFar(client, jobId);
    for await (const entry of entries) await printer.show(entry);
    return exitCodes.succeeded;
  },
};

/** The entries that are there now. */
async function* readSoFar(client: ExecutorClient, jobId: string): AsyncGenerator<LogEntry> {
  let afterSeq = 0;
  for (;;) {
    const page = await client.call('job/read', { jobId, afterSeq, maxBytes: READ_BYTES, encoding: 'base64' });
    yield* page.entries;
    if (page.entries.length === 0 || page.atEnd) return;
    afterSeq = page.nextAfterSeq;
  }
}
