/** The delay before the first repeated look at something, in milliseconds. */
export const firstPollDelayMs = 2;

const longestPollDelayMs = 100;

/** The delay after a given one: quick ends are noticed quickly, and long waits cost at most ten looks a second. */
export function nextPollDelayMs(delayMs: number): number {
  return Math.min(longestPollDelayMs, Math.ceil(delayMs * 1.5));
}
