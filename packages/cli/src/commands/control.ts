import type { ControlAction } from '@cc-executor/client';
import type { Command } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findExecutor } from '../find-executor.ts';
import { stateText } from '../job-table.ts';
import { parseOptions, requireJobs } from '../parse-options.ts';
import { readVersion } from '../version.ts';
import { writeOut } from '../write-out.ts';

const effects: Readonly<Record<ControlAction, string>> = {
  pause: 'Stops every process of the jobs, and their clocks, until they are resumed.',
  resume: 'Lets paused jobs go on.',
  interrupt: "Sends SIGINT to a command; ends a Claude's turn and keeps its session.",
  cancel: 'Ends the jobs with all that they have started: SIGTERM, and SIGKILL after 5 s.',
};

/** `pause`, `resume`, `interrupt` or `cancel`. */
export function controlCommand(action: ControlAction): Command {
  return {
    usage: `Usage: cc-executor ${action} JOB...\n\n${effects[action]}\nPrints the state of each job before and after.`,
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
