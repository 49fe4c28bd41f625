import type { JobView } from '@cc-executor/protocol';
import type { Facts } from '../view/envelope.ts';

/** Which part of a job's output to show. */
export interface PartQuery {
  readonly afterSeq?: number | undefined;
  readonly offset?: number | undefined;
  readonly tailLines?: number | undefined;
  readonly headLines?: number | undefined;
  readonly search?: string | undefined;
  readonly contextLines: number;
  readonly stream?: 'stdout' | 'stderr' | undefined;
  readonly maxBytes: number;
}

/** A part of a job's output. */
export interface Part {
  /** What is shown, and how to go on. */
  readonly facts: Facts;
  readonly lines: readonly string[];
}

/** A range of bytes of all that a job has printed. */
export function byteRange(from: number, to: number, { outputBytes }: JobView): string {
  return `${from}-${to}/${Math.max(to, outputBytes)}`;
}
