import { ProcessError } from './errors.ts';

const longestTimerMs = 2 ** 31 - 1;

/** Refuses what is no length of time. Infinity is one. @throws ProcessError `badArgument`. */
export function checkDuration(name: string, valueMs: number): void {
  if (Number.isNaN(valueMs) || valueMs < 0) {
    throw new ProcessError(
      'badArgument',
      `${name} must be a number of milliseconds from 0 up, not ${valueMs}.`,
      {
        argument: name,
      },
    );
  }
}

/** Runs a callback after a time; a time longer than a timer can count never comes. Returns what cancels it. */
export function after(delayMs: number, callback: () => void): () => void {
  if (delayMs > longestTimerMs) return () => {};
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
