import type { ExitStatus, Tree } from '@cc-executor/process';
import type { Outcome } from '@cc-executor/protocol';
import type { Driver, Verdict } from './driver.ts';

/** Exit code of programs that end themselves on SIGINT, by the shells' convention 128 + 2. */
const SIGINT_EXIT_CODE = 130;

/** A command says nothing but its output and its end. */
export class CommandDriver implements Driver {
  /** A command that runs may always have more to say. */
  readonly isSettled = false;
  readonly #tree: Tree;
  #wasInterrupted = false;

  constructor(tree: Tree) {
    this.#tree = tree;
  }

  start(): void {
    // A command waits for nothing.
  }

  onOutput(): void {
    // Its output means nothing to us.
  }

  async interrupt(): Promise<void> {
    this.#wasInterrupted = true;
    await this.#tree.interrupt();
  }

  verdict({ code, signal }: ExitStatus): Verdict {
    return { outcome: this.#outcome(code, signal), result: { kind: 'command', exitCode: code, signal } };
  }

  #outcome(code: number | null, signal: string | null): Outcome {
    if (code === 0) return { status: 'succeeded' };
    // A program may take SIGINT and go on, so only an end by it counts as interrupted.
    if (this.#wasInterrupted && (signal === 'SIGINT' || code === SIGINT_EXIT_CODE)) {
      return { status: 'cancelled', by: 'interrupt' };
    }
    if (signal !== null) return { status: 'failed', reason: 'signal', signal, message: `ended by ${signal}` };
    return { status: 'failed', reason: 'exit', exitCode: code ?? -1, message: `exited with ${code ?? -1}` };
  }
}
