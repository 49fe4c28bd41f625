/** Times of one thing, in milliseconds, taken in turns with its baseline. */
export class Samples {
  readonly #values: number[] = [];

  add(ms: number): void {
    this.#values.push(ms);
  }

  get count(): number {
    return this.#values.length;
  }

  get median(): number {
    const sorted = this.#values.toSorted((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    const upper = sorted[middle] ?? Number.NaN;
    return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  }
}

/** One line of a report: what was measured, and over what. */
export function row(name: string, samples: Samples, baseline: Samples): string {
  const ratio = (samples.median / baseline.median).toFixed(2);
  const times = `${samples.median.toFixed(1).padStart(8)} ms over ${baseline.median.toFixed(1).padStart(7)} ms`;
  return `${name.padEnd(46)} ${times}  = ${ratio.padStart(5)}   (n = ${samples.count})`;
}
