import { mkdir, rm, writeFile } from 'node:fs/promises';
import { ProcessError, type ExitStatus, type ProcessHost, type Tree } from '@cc-executor/process';
import type { ClaudeEvent, JobResult, Outcome, StartJobParams } from '@cc-executor/protocol';
import type { Logger } from 'pino';
import type { OutputLog } from '../output/output-log.ts';
import type { StartGate } from '../queue/start-gate.ts';
import { ClaudeDriver } from './claude-driver.ts';
import { CommandDriver } from './command-driver.ts';
import type { Driver } from './driver.ts';
import { outcomeOf, type StopCause } from './job-state.ts';
import type { Launch } from './launch.ts';
import { pump } from './pump.ts';

/** How long output may go on after the leader has exited, because something else holds the pipe, in milliseconds. */
const DRAIN_MS = 2_000;

/** What an attempt needs of the executor. */
export interface AttemptServices {
  readonly host: ProcessHost;
  readonly claudeStarts: StartGate;
  readonly logger: Logger;
}

/** An attempt whose process runs. */
export interface LiveAttempt {
  readonly tree: Tree;
  readonly driver: Driver;
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly outcome: Outcome;
  readonly drained: boolean;
  readonly result: JobResult | undefined;
}

/** What an attempt is given, and how it tells the job what happens. */
export interface AttemptOptions {
  readonly jobId: string;
  readonly attempt: number;
  readonly launch: Launch;
  readonly params: StartJobParams;
  readonly log: OutputLog;
  readonly services: AttemptServices;
  onStarted(live: LiveAttempt): void;
  onActivity(): void;
  onExited(exit: ExitStatus): void;
  /** Grace for what is left of the tree when the leader has gone. */
  graceMs(): number;
  /** Aborts when the job is to end, which it may before it has a process. */
  readonly stopping: AbortSignal;
  /** Why the job is ending. */
  cause(): StopCause | undefined;
}

/** Runs one process tree of a job from spawn until nothing of it is left. */
export async function runAttempt(options: AttemptOptions): Promise<AttemptEnd> {
  const { launch, services } = options;
  const leaveGate =
    launch.kind === 'claude' ? await services.claudeStarts.enter(options.stopping) : undefined;
  try {
    const stopped = options.cause();
    if (stopped !== undefined) {
      return { outcome: outcomeOf(stopped, { status: 'succeeded' }), drained: true, result: undefined };
    }
    if (launch.kind === 'claude') await writePlannedFiles(launch);
    const tree = await services.host.spawn({ ...launch.tree, id: `${options.jobId}.${options.attempt}` });
    try {
      return await followTree(tree, options, leaveGate);
    } catch (error) {
      // Whatever broke on our side, no process may be left without its job.
      await tree.stop({ graceMs: 0 }).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    const outcome: Outcome = { status: 'failed', reason: 'spawn', message: error.message };
    return { outcome, drained: true, result: undefined };
  } finally {
    leaveGate?.();
    if (launch.kind === 'claude') {
      // The next start of the executor empties the folder anyway.
      await rm(launch.scratchPath, { recursive: true, force: true }).catch((error: unknown) => {
        services.logger.warn({ jobId: options.jobId, err: error }, 'a scratch folder could not be removed');
      });
    }
  }
}

async function followTree(
  tree: Tree,
  options: AttemptOptions,
  leaveGate: (() => void) | undefined,
): Promise<AttemptEnd> {
  const { log, attempt, services } = options;
  const driver = createDriver(tree, options, (event) => {
    if (event.type === 'init') leaveGate?.();
    log.append({ type: 'event', event });
  });
  // Before the first byte is read, so that `started` stands before all output.
  options.onStarted({ tree, driver });
  const onLogged = (stream: 'stdout' | 'stderr', data: Buffer): void => {
    options.onActivity();
    driver.onOutput(stream, data);
  };
  const pumps = [pump(tree.stdout, 'stdout', log, onLogged), pump(tree.stderr, 'stderr', log, onLogged)];
  driver.start();
  const exit = await tree.exited;
  log.append({ type: 'exited', attempt, ...exit });
  options.onExited(exit);
  const drained = await tree.drained({ timeoutMs: DRAIN_MS });
  await tree.stop({ graceMs: options.graceMs() }).catch((error: unknown) => {
    // A process that outlives SIGKILL hangs in the kernel: the job's own end is known all the same.
    services.logger.error({ jobId: options.jobId, err: error }, 'a process tree could not be ended');
  });
  await Promise.all(pumps);
  const verdict = driver.verdict(exit);
  if (verdict.limit !== undefined) log.append({ type: 'limit', limit: verdict.limit });
  const cause = options.cause() ?? { by: 'exit' };
  return { outcome: outcomeOf(cause, verdict.outcome), drained, result: verdict.result };
}

function createDriver(tree: Tree, options: AttemptOptions, onEvent: (event: ClaudeEvent) => void): Driver {
  const { launch, params } = options;
  return launch.kind === 'claude' && params.kind === 'claude'
    ? new ClaudeDriver({ tree, plan: launch.plan, spec: params, onEvent })
    : new CommandDriver(tree);
}

async function writePlannedFiles(launch: Extract<Launch, { kind: 'claude' }>): Promise<void> {
  if (launch.plan.files.length === 0) return;
  await mkdir(launch.scratchPath, { recursive: true, mode: 0o700 });
  for (const file of launch.plan.files) await writeFile(file.path, file.content, { mode: 0o600 });
}
