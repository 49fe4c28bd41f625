import type { ExitStatus } from '@cc-executor/process';
import type { JobResult, Limit, Outcome, OutputStream } from '@cc-executor/protocol';

/** How a finished attempt reads when nobody stopped it. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly limit?: Limit;
  readonly result: JobResult;
}

/** What differs between a command and a Claude while one attempt runs. */
export interface Driver {
  /** The process runs: say what it waits to hear. */
  start(): void;
  /** Whether all is said that will be said, so that nothing is left to do but to exit. */
  readonly isSettled: boolean;
  /** Output that has just been logged. */
  onOutput(stream: OutputStream, data: Buffer): void;
  /** Asks for an early end that keeps what can be kept. */
  interrupt(): Promise<void>;
  /** Called once, after the leader has exited and the output is read. */
  verdict(exit: ExitStatus): Verdict;
}
