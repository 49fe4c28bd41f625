import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnChild, type Child } from '../child.ts';
import { collectDiagnosis } from '../diagnosis.ts';
import { after } from '../duration.ts';
import { ProcessError } from '../errors.ts';
import type { Order } from './order.ts';
import type { Ward } from './ward.ts';

interface GuardianProcess {
  readonly child: Child;
  readonly orders: Writable;
}

/** How long one may take to start, in milliseconds: some hundred times what it takes. */
const startLimitMs = 10_000;
/** Starts in a row that may fail before whoever waits is told so. */
const mostFailures = 3;

/** What a {@link Guardian} is made for. */
export interface GuardianOptions {
  readonly instanceId: string;
  /** The folder of journals. */
  readonly journalFolder: string;
  /** The program that runs the guardian's code. @default this process's own Node */
  readonly nodePath?: string;
  /** How long one may take to answer or to end before it counts as dead. @default 10 000 */
  readonly answerLimitMs?: number;
}

/** The executor's end of the guardian: teaches it about trees, and starts another one when it dies. */
export class Guardian implements AsyncDisposable {
  readonly #options: Required<GuardianOptions>;
  readonly #journalPath: string;
  readonly #wards = new Map<string, Ward>();
  /** Those who wait for an acknowledgement, by the number of their order. */
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();
  #process: GuardianProcess | undefined;
  #starting: Promise<void> | undefined;
  #lastNumber = 0;
  #restarts = 0;
  #isClosed = false;

  constructor(options: GuardianOptions) {
    this.#options = { nodePath: process.execPath, answerLimitMs: 10_000, ...options };
    this.#journalPath = join(options.journalFolder, randomUUID());
  }

  get pid(): number {
    return this.#process?.child.pid ?? 0;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** @throws ProcessError `guardianUnavailable` */
  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  /**
   * Puts a tree into its care; resolves when it is there and on disk.
   *
   * @throws ProcessError `guardianUnavailable`
   */
  async add(ward: Ward): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#wards.set(ward.id, ward);
    this.#lastNumber += 1;
    this.#waiting.set(this.#lastNumber, done);
    if (this.#process === undefined) void this.#restart();
    else this.#tell({ number: this.#lastNumber, add: ward });
    // One that does not answer is as good as dead; the next one is taught all over again.
    const limit = setInterval(() => this.#process?.child.kill(), this.#options.answerLimitMs);
    try {
      await done.promise;
    } catch (error) {
      this.#wards.delete(ward.id);
      throw error;
    } finally {
      clearInterval(limit);
    }
  }

  /** Another name for a ward. There is nothing to wait for: its process is in the guardian's care already. */
  rename(from: string, to: string): void {
    const ward = this.#wards.get(from);
    if (ward === undefined) return;
    this.#wards.delete(from);
    this.#wards.set(to, { ...ward, id: to });
    this.#lastNumber += 1;
    this.#tell({ number: this.#lastNumber, add: { ...ward, id: to } });
    this.#tell({ remove: from });
  }

  /** The tree has ended. */
  remove(id: string): void {
    if (this.#wards.delete(id)) this.#tell({ remove: id });
  }

  /** The guardian ends what is left, if anything is, and goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#starting?.catch(() => undefined);
    const guardian = this.#process;
    if (guardian === undefined) return;
    guardian.child.hold(true);
    guardian.orders.end();
    const cancel = new AbortController();
    const isLate = await Promise.race([
      guardian.child.exited.then(() => false),
      sleep(this.#options.answerLimitMs, true, { signal: cancel.signal }),
    ]);
    cancel.abort();
    if (isLate) guardian.child.kill();
  }

  async #start(): Promise<void> {
    const { nodePath } = this.#options;
    const child = await this.#spawn();
    const [orders, answers, errors] = child.streams as [Writable, Readable, Readable];
    const diagnosis = collectDiagnosis(errors);
    const ready = Promise.withResolvers<boolean>();
    const taught = Promise.withResolvers<boolean>();
    let teachingNumber = Number.POSITIVE_INFINITY;
    createInterface({ input: answers }).on('line', (line) => {
      if (line === 'ready') return ready.resolve(true);
      this.#acknowledge(Number(line));
      if (Number(line) >= teachingNumber) taught.resolve(true);
    });
    for (const { resolve } of [ready, taught]) void child.exited.then(() => resolve(false));
    const cancelLimit = after(startLimitMs, () => child.kill());
    const isReady = await ready.promise;
    if (isReady) {
      this.#process = { child, orders };
      this.#lastNumber += 1;
      teachingNumber = this.#lastNumber;
      this.#tell({ number: teachingNumber, replace: [...this.#wards.values()] });
    }
    // One that cannot write down what it is taught has not started: or it would be started again for ever.
    const isTaught = isReady && (await taught.promise);
    cancelLimit();
    if (!isTaught) {
      this.#process = undefined;
      const { code, signal } = await child.exited;
      const said = await diagnosis;
      const why = `it ended with ${signal ?? code}${said === '' ? '' : `: ${said}`}`;
      throw unavailable(why, nodePath);
    }
    // Whoever forgets to dispose of a host shall be able to end: the guardian then sees the end of its input.
    child.hold(false);
    void child.exited.then(() => this.#onGone(child));
  }

  async #spawn(): Promise<Child> {
    const { instanceId, nodePath } = this.#options;
    const main = fileURLToPath(import.meta.url).replace(/guardian(\.[jt]s)$/, 'guardian.main$1');
    try {
      return await spawnChild(
        nodePath,
        // A small heap: it outlives heavy executors and should not weigh on the machine itself.
        ['--max-semi-space-size=1', '--max-old-space-size=128', main, instanceId, this.#journalPath],
        { cwd: '/', env: {}, stdio: ['pipe', 'pipe', 'pipe'] },
      );
    } catch (error) {
      throw unavailable(error instanceof Error ? error.message : String(error), nodePath, error);
    }
  }

  async #onGone(child: Child): Promise<void> {
    // It may go in the moment in which its start is found to have worked.
    await this.#starting?.catch(() => undefined);
    if (this.#process?.child !== child) return;
    this.#process = undefined;
    if (!this.#isClosed) await this.#restart();
  }

  async #restart(): Promise<void> {
    if (this.#starting !== undefined) return;
    this.#restarts += 1;
    for (let failures = 1; ; failures += 1) {
      try {
        await this.start();
        return;
      } catch (error) {
        if (failures < mostFailures && !this.#isClosed) continue;
        // The next tree that is to be started tries anew; those that run go on and are stopped by the executor.
        for (const done of this.#waiting.values()) done.reject(error);
        this.#waiting.clear();
        return;
      }
    }
  }

  /** Orders are answered in their order, so whoever waited for an earlier one has been heard too. */
  #acknowledge(number: number): void {
    for (const [earlier, done] of this.#waiting) {
      if (earlier > number) break;
      done.resolve();
      this.#waiting.delete(earlier);
    }
  }

  #tell(order: Order): void {
    // What a dying guardian does not get, the next one is taught.
    this.#process?.orders.write(`${JSON.stringify(order)}\n`);
  }
}

function unavailable(why: string, program: string, cause?: unknown): ProcessError {
  return new ProcessError(
    'guardianUnavailable',
    `The guardian could not be started, so nothing may run: ${why}`,
    { program },
    { cause },
  );
}
