import type { Random } from '../random.ts';

/** How much is soaked. */
export interface OutputSoakSizes {
  /** What a job prints whose client stops taking it. */
  readonly stalledBytes: number;
  /** How long that client stops, once the job waits. */
  readonly stallMs: number;
  readonly jobs: number;
  readonly bytesPerJob: number;
  /** What a job prints of which only the tail is kept. */
  readonly tailBytes: number;
  readonly kills: number;
}

/** What a part of the soak is given. */
export interface SoakContext {
  readonly sizes: OutputSoakSizes;
  readonly random: Random;
}

/** What came of a part. */
export interface PartReport {
  /** What was measured, in words. */
  readonly facts: readonly string[];
  /** What is wrong; nothing when it has passed. */
  readonly faults: readonly string[];
}

/** A part of the soak. */
export interface SoakPart {
  readonly name: string;
  readonly title: string;
  readonly run: (context: SoakContext) => Promise<PartReport>;
}

/** A size in MB, as people read it. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`;
}
