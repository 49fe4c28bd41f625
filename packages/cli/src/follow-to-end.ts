import type { ExecutorClient, Job } from '@cc-executor/client';
import type { JobResult, LogEntry, Outcome } from '@cc-executor/protocol';
import { queueNote } from './claude-notes.ts';
import type { CommandContext } from './command-context.ts';
import { CommandError } from './command-errors.ts';
import { controlBySignals } from './signal-control.ts';
import { dim } from './terminal-text.ts';

/** A job to stay with. */
export interface FollowToEndOptions {
  readonly context: Pick<CommandContext, 'signals' | 'stderr'>;
  readonly client: ExecutorClient;
  readonly started: Promise<Job>;
  /** Called with each entry, one after the other. */
  readonly show: (entry: LogEntry) => Promise<void>;
}

/** How a job ended, and what it brought back. */
export interface JobEnd {
  readonly outcome: Outcome;
  readonly result: JobResult | undefined;
}

/**
 * Shows a job that we have started until it is over; signals to us go to it. When our output can be written
 * no more, the job is cancelled.
 *
 * @throws RpcError when it is refused; ClientError; CommandError `noExecutor`; Error of our output
 */
export async function followToEnd(options: FollowToEndOptions): Promise<JobEnd> {
  const { context, client, started, show } = options;
  const { stderr, signals } = context;
  const isTerminal = stderr.isTTY === true;
  const stop = new AbortController();
  const unreachable = Promise.withResolvers<never>();
  // Whoever waits for it sees the rejection; nobody has to.
  unreachable.promise.catch(() => undefined);
  using _signals = controlBySignals({
    signals,
    client,
    jobStarted: started,
    onInterrupt: () => {
      if (isTerminal) stderr.write(`${dim('interrupted; Ctrl-C again cancels', stderr)}\n`);
    },
    onUnreachable: () => {
      const mend = 'See whether the job still runs: cc-executor ps';
      const error = new CommandError('noExecutor', 'The connection to the executor was lost', mend);
      unreachable.reject(error);
      stop.abort(error);
    },
  });
  const job = await Promise.race([started, unreachable.promise]);
  if (isTerminal && job.state.status === 'queued') stderr.write(`${dim(queueNote(job.state), stderr)}\n`);
  for await (const entry of job.entries({ signal: stop.signal })) {
    try {
      await show(entry);
    } catch (error) {
      await client.control(job.jobId, 'cancel').catch(() => undefined);
      throw error;
    }
    if (entry.type === 'closed') return { outcome: entry.outcome, result: entry.result };
  }
  throw new Error(`The log of ${job.jobId} ended before the job did`);
}
