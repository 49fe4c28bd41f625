import { resolve } from 'node:path';
import { randomJobId, type ExecutorClient, type Job } from '@cc-executor/client';
import type { MethodInput } from '@cc-executor/protocol';
import type { Command, CommandContext } from '../command-context.ts';
import { UsageError } from '../command-errors.ts';
import { exitCodeOfCommand, exitCodes } from '../exit-codes.ts';
import { explainCommand } from '../explain-end.ts';
import { followToEnd } from '../follow-to-end.ts';
import { OutputPrinter } from '../output-printer.ts';
import { parseOptions, secondsToMs, splitAtCommand } from '../parse-options.ts';
import { forwardInput, isPiped } from '../piped-input.ts';
import { reconnectWithNote } from '../reconnect-note.ts';
import { parseRetention } from '../retention-options.ts';
import { startExecutor } from '../start-executor.ts';
import { readVersion } from '../version.ts';
import { writeOut } from '../write-out.ts';

const options = {
  cwd: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean' },
  detach: { type: 'boolean' },
  retention: { type: 'string' },
  'max-output': { type: 'string' },
} as const;

/** Runs one command as a job and stands in for it: its output, its exit code. */
export const run: Command = {
  usage: `Usage: cc-executor run [options] [--] CMD ARGS...

Runs a command as a job: its output is ours, and so is its exit code. What is piped in goes to it.
Ctrl-C interrupts it, a second one cancels it with all that it has started.

  --cwd DIR      where to work (here)
  --timeout S    end it after so many seconds
  --json         print each entry of the job's log as a line of JSON
  --detach       print the id of the job and leave it running
  --max-output SIZE  how much of its output is kept, such as 200M (1G, or what the executor keeps)
  --retention MODE   what happens beyond that: block, it waits until what there is has been read; tail, the
                     oldest is dropped; fail, it is ended (block; with --detach nobody reads, so as tail)

Exit codes besides the command's own: 1 refused, 3 no executor, 124 timed out, 130 cancelled or interrupted.`,

  async run(args, context) {
    const { own, command } = splitAtCommand(args, options);
    const { values } = parseOptions(own, options);
    if (command.length === 0) throw new UsageError('which command?');
    const { detach: isDetached = false, json: isJson = false } = values;
    const timeoutMs = values.timeout === undefined ? undefined : secondsToMs('--timeout', values.timeout);
    const hasInput = !isDetached && isPiped(context.stdin);
    const params: MethodInput<'job/start'> = {
      kind: 'command',
      argv: [...command],
      cwd: resolve(context.cwd, values.cwd ?? '.'),
      stdin: hasInput ? 'pipe' : 'none',
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...parseRetention(values.retention, values['max-output']),
    };
    await using client = await startExecutor(context, {
      version: readVersion(),
      reconnect: reconnectWithNote(context),
    });
    if (isDetached) {
      const { jobId } = await client.startJob({ ...params, attach: false, onDetach: 'keep' });
      await writeOut(context.stdout, isJson ? `${JSON.stringify({ jobId })}\n` : `${jobId}\n`);
      return exitCodes.succeeded;
    }
    const jobId = randomJobId();
    const encoding = isJson ? 'utf8' : 'base64';
    const started = client.startJob({ ...params, jobId, attach: { encoding } });
    const forward = hasInput ? forwardWhenStarted(context, client, started) : Promise.resolve();
    const printer = new OutputPrinter(context, isJson);
    const { outcome } = await followToEnd({ context, client, started, show: (entry) => printer.show(entry) });
    context.stdin.destroy();
    await forward;
    if (!isJson) await explainCommand(outcome, context);
    return exitCodeOfCommand(outcome);
  },
};

async function forwardWhenStarted(
  { stdin }: CommandContext,
  client: ExecutorClient,
  started: Promise<Job>,
): Promise<void> {
  const job = await started.catch(() => undefined);
  if (job !== undefined) await forwardInput(stdin, client, job.jobId, { writer: 'run', endsWhenEmpty: true });
}
