import type { ControlAction } from '@cc-executor/client';
import type { Command } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findExecutor } from '../find-executor.ts';
import { stateText } from '../job-table.ts';
import { parseOptions, requireJobs } from '../parse-options.ts';
import { readVersion } from '../version.ts';
import { writeOut } from '../write-out.ts';

const what: Readonly<Record<ControlAction, { summary: string; more: string }>> = {
  pause: {
    summary: 'stop every process of a job for a while',
    more: 'Stops every process of the jobs, and their clocks, until they are resumed.',
  },
  resume: { summary: 'let a paused job go on', more: 'Lets paused jobs go on.' },
  interrupt: {
    summary: 'interrupt a job as Ctrl-C would',
    more: "Sends SIGINT to a command; ends a Claude's turn and keeps its session.",
  },
  cancel: {
    summary: 'end a job with all that it has started',
    more: 'Ends the jobs with all that they have started: SIGTERM, and SIGKILL after 5 s.',
  },
};

/** `pause`, `resume`, `interrupt` or `cancel`. */
export function controlCommand(action: ControlAction): Command {
  const { summary, more } = what[action];
  return {
    summary,
    usage: `Usage: cc-executor ${action} JOB...\n\n${more}\nPrints the state of each job before and after.`,
    async run(args, context) {
      const { positionals } = parseOptions(args, {});
      const jobIds = requireJobs(positionals, 'some');
      await using client = await findExecutor(context, { version: readVersion() });
      for (const jobId of jobIds) {
        const { before, after } = await client.control(jobId, action);
        const [from, to] = [stateText(before), stateText(after)];
        await writeOut(context.stdout, `${jobId} ${from === to ? to : `${from} -> ${to}`}\n`);
      }
      return exitCodes.succeeded;
    },
  };
}
