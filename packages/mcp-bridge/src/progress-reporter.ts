import { oneLine } from './view/clean-text.ts';

/** Longest message, in characters. */
const MAX_MESSAGE_CHARS = 200;
/** Shortest time between two messages, in milliseconds. */
const MIN_INTERVAL_MS = 250;
/** Longest silence, in milliseconds: clients with an idle limit must hear something. */
const HEARTBEAT_MS = 10_000;
/** Notes that wait for their message; older ones are dropped. */
const MAX_NOTES = 3;

/**
 * Turns a flood of lines into few messages: the first at once, then the newest at most every 250 ms, the last
 * one always, and a sign of life when there is nothing to tell.
 */
export class ProgressReporter implements Disposable {
  readonly #send: (message: string) => void;
  readonly #heartbeat: () => string;
  #pending: (() => string) | undefined;
  #notes: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #lastSentAt = -Infinity;

  /** @param heartbeat What to say after a long silence. */
  constructor(send: (message: string) => void, heartbeat: () => string) {
    this.#send = send;
    this.#heartbeat = heartbeat;
    this.#restartHeartbeat();
  }

  /** Tells what may be replaced by something newer. @param message built only when it is sent */
  report(message: () => string): void {
    this.#pending = message;
    this.#schedule();
  }

  /** Tells what must not be lost to something newer: it is sent together with it. */
  note(message: string): void {
    this.#notes.push(message);
    if (this.#notes.length > MAX_NOTES) this.#notes.shift();
    this.#schedule();
  }

  #schedule(): void {
    const waitMs = this.#lastSentAt + MIN_INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), waitMs);
  }

  /** Sends what is still pending. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const messages = [...this.#notes, ...(this.#pending === undefined ? [] : [this.#pending()])];
    this.#notes = [];
    this.#pending = undefined;
    this.#tell(messages.filter((message) => message !== '').join(' · '));
  }

  [Symbol.dispose](): void {
    this.flush();
    clearTimeout(this.#heartbeatTimer);
  }

  #tell(message: string): void {
    const line = oneLine(message, MAX_MESSAGE_CHARS);
    if (line === '') return;
    this.#lastSentAt = performance.now();
    this.#restartHeartbeat();
    this.#send(line);
  }

  #restartHeartbeat(): void {
    clearTimeout(this.#heartbeatTimer);
    this.#heartbeatTimer = setTimeout(() => {
      this.#tell(this.#heartbeat());
      this.#restartHeartbeat();
    }, HEARTBEAT_MS);
  }
}
