import type { Command } from '../command-context.ts';
import { exitCodeOfOutcome, exitCodes } from '../exit-codes.ts';
import { findExecutor } from '../find-executor.ts';
import { stateText } from '../job-table.ts';
import { parseOptions, requireJobs } from '../parse-options.ts';
import { reconnectWithNote } from '../reconnect-note.ts';
import { readVersion } from '../version.ts';
import { writeOut } from '../write-out.ts';

/** Waits for jobs. */
export const wait: Command = {
  usage: `Usage: cc-executor wait JOB...

Waits until all of the jobs have ended and prints how, one a line.
The exit code is that of the first one that did not succeed: 1 failed, 75 limited (try later), 124 timed
out, 130 cancelled.`,

  async run(args, context) {
    const { positionals } = parseOptions(args, {});
    const jobIds = requireJobs(positionals, 'some');
    await using client = await findExecutor(context, {
      version: readVersion(),
      reconnect: reconnectWithNote(context),
    });
    const { jobs } = await client.wait(jobIds);
    const lines = jobs.map(({ jobId, state }) => `${jobId} ${stateText(state)}\n`);
    await writeOut(context.stdout, lines.join(''));
    const codes = jobs.map(({ state }) =>
      state.status === 'ended' ? exitCodeOfOutcome(state.outcome) : exitCodes.failed,
    );
    return codes.find((code) => code !== exitCodes.succeeded) ?? exitCodes.succeeded;
  },
};
