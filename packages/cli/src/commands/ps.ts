import type { ExecutorClient } from '@cc-executor/client';
import type { JobView } from '@cc-executor/protocol';
import type { Command } from '../command-context.ts';
import { UsageError } from '../command-errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { findExecutor } from '../find-executor.ts';
import { jobTable } from '../job-table.ts';
import { parseOptions } from '../parse-options.ts';
import { readVersion } from '../version.ts';
import { writeOut } from '../write-out.ts';

/** Jobs that are asked for at once. */
const PAGE_SIZE = 500;

/** Lists jobs. */
export const ps: Command = {
  usage: `Usage: cc-executor ps [--all] [--json]

Lists the jobs that have not ended, newest first.

  --all    those that have ended as well
  --json   one job a line, with all that is known of it`,

  async run(args, context) {
    const { values, positionals } = parseOptions(args, {
      all: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    if (positionals.length > 0) throw new UsageError(`ps takes no '${positionals[0]}'`);
    await using client = await findExecutor(context, { version: readVersion() });
    const jobs = await listJobs(client, values.all === true);
    const lines = values.json === true ? jobs.map((job) => JSON.stringify(job)) : jobTable(jobs, new Date());
    if (lines.length > 0) await writeOut(context.stdout, `${lines.join('\n')}\n`);
    return exitCodes.succeeded;
  },
};

async function listJobs(client: ExecutorClient, isAll: boolean): Promise<JobView[]> {
  const jobs: JobView[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call('job/list', {
      limit: PAGE_SIZE,
      ...(!isAll && { states: ['queued', 'starting', 'running', 'stopping'] }),
      ...(cursor !== undefined && { cursor }),
    });
    jobs.push(...page.jobs);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return jobs;
}
