import type { JobView } from '@cc-executor/protocol';
import { attachInput } from '../attach-input.ts';
import { ClaudePrinter } from '../claude-printer.ts';
import type { Command, CommandContext } from '../command-context.ts';
import { exitCodeOfCommand, exitCodeOfOutcome, exitCodes } from '../exit-codes.ts';
import { explainClaude, explainCommand } from '../explain-end.ts';
import { findExecutor } from '../find-executor.ts';
import { followLog } from '../follow-log.ts';
import type { JobEnd } from '../follow-to-end.ts';
import { logBeginning } from '../log-part.ts';
import { OutputPrinter } from '../output-printer.ts';
import { parseOptions, requireJobs } from '../parse-options.ts';
import { reconnectWithNote } from '../reconnect-note.ts';
import { stopSignal } from '../stop-signal.ts';
import { dim } from '../terminal-text.ts';
import { readVersion } from '../version.ts';

/** Joins a job that runs: its output is shown, and what is typed goes to it. */
export const attach: Command = {
  usage: `Usage: cc-executor attach [--from-start] JOB

Shows what a job prints from now on, until it ends; then its exit code is ours, as with run. What is typed or
piped in goes to the job, if its input is open; Ctrl-D closes it. Ctrl-C leaves the job running.

  --from-start   what it has printed so far as well

Exit codes besides the job's own: 1 failed, 3 no executor, 75 limited (try later), 124 timed out,
130 cancelled or interrupted, and when you leave before the end.`,

  async run(args, context) {
    const { values, positionals } = parseOptions(args, { 'from-start': { type: 'boolean' } });
    const [jobId] = requireJobs(positionals, 'one');
    await using client = await findExecutor(context, {
      version: readVersion(),
      reconnect: reconnectWithNote(context),
    });
    const view = await client.call('job/get', { jobId });
    const { state, result } = view;
    const isFromStart = values['from-start'] === true;
    if (state.status === 'ended' && !isFromStart) {
      return tellEnd(view, { outcome: state.outcome, result }, context);
    }
    using leave = stopSignal(context.signals);
    const isOpen = state.status === 'ended' ? undefined : await attachInput(context, client, jobId);
    tellAttached(view, isOpen, context);
    const isClaude = view.kind === 'claude';
    const printer = isClaude ? new ClaudePrinter(context, 'stream') : new OutputPrinter(context, false);
    const place = isFromStart
      ? logBeginning
      : { afterSeq: view.lastSeq, afterOffset: view.outputBytes, isAtEnd: false };
    try {
      const log = { client, view, include: isClaude ? 'event' : 'output' } as const;
      for await (const entry of followLog(log, place, leave.signal)) {
        await printer.show(entry);
        if (entry.type === 'closed') return await tellEnd(view, entry, context);
      }
    } catch (error) {
      if (!leave.signal.aborted) throw error;
      return exitCodes.cancelled;
    } finally {
      context.stdin.destroy();
    }
    throw new Error(`The log of ${jobId} ended before the job did`);
  },
};

function tellAttached(
  { jobId, state }: JobView,
  isOpen: boolean | undefined,
  { stderr }: CommandContext,
): void {
  if (stderr.isTTY !== true || state.status === 'ended') return;
  const input = isOpen === true ? '; what you type goes to it' : '';
  stderr.write(`${dim(`attached to ${jobId}${input}; Ctrl-C leaves it running`, stderr)}\n`);
}

async function tellEnd(
  { kind }: JobView,
  end: Pick<JobEnd, 'outcome'> & { readonly result?: JobEnd['result'] },
  context: CommandContext,
): Promise<number> {
  const { outcome, result } = end;
  if (kind === 'command') {
    await explainCommand(outcome, context);
    return exitCodeOfCommand(outcome);
  }
  await explainClaude({ outcome, result }, context);
  return exitCodeOfOutcome(outcome);
}
