import type { TimedOutWhich } from '@cc-executor/protocol';
import { RunningTimer } from '../running-timer.ts';

/**
 * How long a Claude may take to exit once all is said and its standard input is closed, in milliseconds. It takes
 * about 30 ms at rest (measured), so this leaves room for a machine that is three hundred times slower.
 */
const EXIT_TIMEOUT_MS = 10_000;

/** How long output may go on after the leader has exited, because something else holds the pipe, in milliseconds. */
const DRAIN_MS = 2_000;

/** How long each phase of a job may last, in milliseconds. */
export interface ClockLimits {
  readonly startTimeoutMs: number;
  readonly timeoutMs: number;
  /** Undefined: it may be silent. */
  readonly idleTimeoutMs: number | undefined;
}

/**
 * Which clock ran out: one of those that time a job out, that of the exit of one that has said all, or that of the
 * output that comes after the exit.
 */
export type ElapsedClock = TimedOutWhich | 'exit' | 'drain';

/**
 * The clocks of an attempt. They count running time only: all of them stand still while it is paused, or waits for
 * those who follow its output. Once it has settled, what it has done counts, so that only its exit is waited for.
 */
export class JobClocks implements Disposable {
  readonly #start: RunningTimer;
  readonly #total: RunningTimer;
  readonly #idle: RunningTimer | undefined;
  readonly #exit: RunningTimer;
  readonly #drain: RunningTimer;
  #isStarting = false;
  #isRunning = false;
  #isSettled = false;
  #isPaused = false;
  #isBlocked = false;
  #hasExited = false;

  constructor(limits: ClockLimits, onElapsed: (which: ElapsedClock) => void) {
    this.#start = new RunningTimer(limits.startTimeoutMs, () => onElapsed('start'));
    this.#total = new RunningTimer(limits.timeoutMs, () => onElapsed('total'));
    this.#idle =
      limits.idleTimeoutMs === undefined
        ? undefined
        : new RunningTimer(limits.idleTimeoutMs, () => onElapsed('idle'));
    this.#exit = new RunningTimer(EXIT_TIMEOUT_MS, () => onElapsed('exit'));
    this.#drain = new RunningTimer(DRAIN_MS, () => onElapsed('drain'));
  }

  /** Its process is being made. */
  starting(): void {
    this.#isStarting = true;
    this.#update();
  }

  /** Its process runs. */
  running(): void {
    this.#isRunning = true;
    this.#update();
  }

  /** It has begun its work. */
  begun(): void {
    if (!this.#isStarting) return;
    this.#isStarting = false;
    this.#update();
  }

  /** Whether it has said all there is to say; something may still make it go on. */
  settled(isSettled: boolean): void {
    if (isSettled === this.#isSettled) return;
    this.#isSettled = isSettled;
    this.#exit.touch();
    this.#update();
  }

  pause(): void {
    this.#isPaused = true;
    this.#update();
  }

  resume(): void {
    this.#isPaused = false;
    this.#update();
  }

  /** Its leader has exited: only what is still in its pipes is read. */
  exited(): void {
    this.#hasExited = true;
    this.#update();
  }

  /** Whether its output waits for those who follow it. */
  blocked(isBlocked: boolean): void {
    this.#isBlocked = isBlocked;
    this.#update();
  }

  /** The job printed something. */
  touch(): void {
    this.#idle?.touch();
  }

  [Symbol.dispose](): void {
    for (const timer of [this.#start, this.#total, this.#idle, this.#exit, this.#drain])
      timer?.[Symbol.dispose]();
  }

  #update(): void {
    const isWorking = this.#isRunning && !this.#isSettled;
    this.#let(this.#start, this.#isStarting);
    this.#let(this.#total, isWorking);
    this.#let(this.#idle, isWorking);
    this.#let(this.#exit, this.#isSettled);
    this.#let(this.#drain, this.#hasExited);
  }

  #let(timer: RunningTimer | undefined, isDue: boolean): void {
    if (isDue && !this.#isPaused && !this.#isBlocked) timer?.resume();
    else timer?.pause();
  }
}
