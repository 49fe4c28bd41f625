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
  /** Lets the next Claude start up, though this one is not up yet. */
  readonly leaveStartGate: () => void;
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
  /** Its turn has come and its process is being made. */
  onStarting(): void;
  onStarted(live: LiveAttempt): void;
  /** It has begun its work: a command by being there, a Claude with its `init`. */
  onBegun(): void;
  /** It has printed something; whether all is said now. */
  onActivity(isSettled: boolean): void;
  onExited(exit: ExitStatus): void;
  /** Grace for what is left of the tree when the leader has gone. */
  graceMs(): number;
  /** Aborts when the job is to end, which it may before it has a process. */
  readonly stopping: AbortSignal;
  /** Aborts when the time to begin is over: a process that is still being made then is not waited for. */
  readonly startOver: AbortSignal;
  /** Why the job is ending. */
  cause(): StopCause | undefined;
}

/** Runs one process tree of a job from spawn until nothing of it is left. */
export async function runAttempt(options: AttemptOptions): Promise<AttemptEnd> {
  const { launch, services, stopping } = options;
  const leaveStartGate =
    launch.kind === 'claude' ? await services.claudeStarts.enter(stopping) : (): void => {};
  // One that is being ended starts up no more, however long its end takes.
  stopping.addEventListener('abort', leaveStartGate, { once: true });
  try {
    options.onStarting();
    const tree = await makeTree(options);
    if (tree === undefined) {
      const cause = options.cause() ?? { by: 'timeout', which: 'start' };
      return { outcome: outcomeOf(cause, { status: 'succeeded' }), drained: true, result: undefined };
    }
    try {
      return await followTree(tree, options, leaveStartGate);
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
    leaveStartGate();
    if (launch.kind === 'claude') {
      // The next start of the executor empties the folder anyway.
      await rm(launch.scratchPath, { recursive: true, force: true }).catch((error: unknown) => {
        services.logger.warn({ jobId: options.jobId, err: error }, 'a scratch folder could not be removed');
      });
    }
  }
}

/** Undefined when the job was to end first, or its process could not be made in time. */
async function makeTree(options: AttemptOptions): Promise<Tree | undefined> {
  const { launch, services, startOver } = options;
  if (options.cause() !== undefined) return undefined;
  if (launch.kind === 'claude') await writePlannedFiles(launch);
  if (options.cause() !== undefined) return undefined;
  const spawning = services.host.spawn({ ...launch.tree, id: `${options.jobId}.${options.attempt}` });
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  const giveUp = (): void => resolve(undefined);
  startOver.addEventListener('abort', giveUp, { once: true });
  if (startOver.aborted) giveUp();
  const tree = await Promise.race([spawning, tooLate]);
  startOver.removeEventListener('abort', giveUp);
  if (tree === undefined) endLate(spawning, options);
  return tree;
}

/** Ends a process that nobody waits for any more as soon as there is one. */
function endLate(spawning: Promise<Tree>, { jobId, services }: AttemptOptions): void {
  services.logger.warn({ jobId }, 'a process could not be made in time');
  spawning
    .then((tree) => Promise.all([tree.stop({ graceMs: 0 }), tree.drained({ timeoutMs: 0 })]))
    .catch((error: unknown) => {
      services.logger.warn({ jobId, err: error }, 'a process that came too late could not be ended');
    });
}

async function followTree(
  tree: Tree,
  options: AttemptOptions,
  leaveStartGate: () => void,
): Promise<AttemptEnd> {
  const { log, attempt, services } = options;
  const driver = createDriver(tree, options, (event) => {
    if (event.type === 'init') {
      leaveStartGate();
      options.onBegun();
    }
    log.append({ type: 'event', event });
  });
  // Before the first byte is read, so that `started` stands before all output.
  options.onStarted({ tree, driver, leaveStartGate });
  if (options.launch.kind === 'command') options.onBegun();
  const onLogged = (stream: 'stdout' | 'stderr', data: Buffer): void => {
    driver.onOutput(stream, data);
    options.onActivity(driver.isSettled);
  };
  const pumps = [pump(tree.stdout, 'stdout', log, onLogged), pump(tree.stderr, 'stderr', log, onLogged)];
  driver.start();
  const exit = await tree.exited;
  log.append({ type: 'exited', attempt, ...exit });
  options.onExited(exit);
  // How long that may take is for the job's clocks to say: it may wait for those who follow it.
  const drained = await tree.drained({ timeoutMs: Number.POSITIVE_INFINITY });
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
