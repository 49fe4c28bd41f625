import { randomUUID } from 'node:crypto';
import { classify, ClaudeReader, type ClaudePlan } from '@cc-executor/claude';
import type { ExitStatus, Tree } from '@cc-executor/process';
import type { ClaudeEvent, ClaudeSpec, OutputStream } from '@cc-executor/protocol';
import type { Driver, Verdict } from './driver.ts';

/** What is kept of stderr for the verdict: start-up errors are short and come last. */
const STDERR_TAIL_BYTES = 16 * 1024;

/** Speaks stream-json with a fresh Claude: prompt in, events out, standard input closed when all is said. */
export class ClaudeDriver implements Driver {
  readonly #tree: Tree;
  readonly #plan: ClaudePlan;
  readonly #reader: ClaudeReader;
  readonly #onEvent: (event: ClaudeEvent) => void;
  readonly #prompt: string;
  #stderrTail: Buffer = Buffer.alloc(0);

  constructor(options: {
    tree: Tree;
    plan: ClaudePlan;
    spec: ClaudeSpec;
    onEvent: (event: ClaudeEvent) => void;
  }) {
    this.#tree = options.tree;
    this.#plan = options.plan;
    this.#prompt = options.spec.prompt;
    this.#onEvent = options.onEvent;
    this.#reader = new ClaudeReader({ expectsStructuredOutput: options.spec.outputSchema !== undefined });
  }

  start(): void {
    this.#tree.stdin?.write(this.#plan.input.userMessage(this.#prompt));
  }

  get isSettled(): boolean {
    return this.#reader.isSettled;
  }

  onOutput(stream: OutputStream, data: Buffer): void {
    if (stream === 'stderr') {
      this.#stderrTail = Buffer.concat([this.#stderrTail, data]).subarray(-STDERR_TAIL_BYTES);
      return;
    }
    for (const event of this.#reader.push(data)) this.#onEvent(event);
    // The CLI lives as long as its input is open; closing it while a background task runs would end the task.
    if (this.#reader.isSettled) this.#tree.stdin?.end();
  }

  async interrupt(): Promise<void> {
    this.#tree.stdin?.write(this.#plan.input.interrupt(randomUUID()));
  }

  verdict(exit: ExitStatus): Verdict {
    for (const event of this.#reader.end()) this.#onEvent(event);
    return classify(this.#reader.facts, exit, this.#stderrTail.toString('utf8'));
  }
}
