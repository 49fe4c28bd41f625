/** Numbers from 0 to below 1 that look random, the same ones for the same seed. */
export type Random = () => number;

/** Makes a {@link Random} from a whole number. */
export function createRandom(seed: number): Random {
  let state = Math.trunc(seed);
  // Mulberry32: one multiplication a step and a period of 2^32, more than a soak draws.
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
