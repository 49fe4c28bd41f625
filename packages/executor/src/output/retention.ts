import type { AtQuota, JobKind, Retention } from '@cc-executor/protocol';

/** What holds for the output of one job. */
export interface LogRetention {
  readonly atQuota: AtQuota;
  readonly maxBytes: number;
  readonly maxLines: number;
  readonly maxAgeMs: number;
}

/** A log is dropped in pieces of a sixteenth of its quota; a large one in smaller ones, since readers look through them. */
export const PIECES = 16;
const MIN_SEGMENT_BYTES = 64 * 1024;
const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;
/** A file for each line would be slow. */
const MIN_SEGMENT_LINES = 16;
/** Four reads of a full pipe. */
const MIN_RESERVE_BYTES = 4 * 64 * 1024;

/** What a job asks for, within what the executor keeps. */
export function resolveRetention(
  asked: Retention | undefined,
  kind: JobKind,
  maxOutputBytes: number,
): LogRetention {
  return {
    atQuota: kind === 'claude' ? 'tail' : (asked?.atQuota ?? 'block'),
    maxBytes: Math.min(asked?.maxBytes ?? Number.POSITIVE_INFINITY, maxOutputBytes),
    maxLines: asked?.maxLines ?? Number.POSITIVE_INFINITY,
    maxAgeMs: asked?.maxAgeMs ?? Number.POSITIVE_INFINITY,
  };
}

/**
 * Bytes of the quota that stay free: for what is on its way to disk, for what is still read from both streams when the
 * source is told to stop, and for pieces that are dropped and not gone yet.
 */
export function reserveBytes(retention: LogRetention): number {
  return Math.max(MIN_RESERVE_BYTES, 2 * segmentBytes(retention));
}

/** How large a piece of a log is. */
export function segmentBytes({ maxBytes }: LogRetention): number {
  return Math.max(MIN_SEGMENT_BYTES, Math.min(MAX_SEGMENT_BYTES, Math.floor(maxBytes / PIECES)));
}

/** How many lines a piece of a log has at most: of a few lines about half are dropped at once, of many few. */
export function segmentLines({ maxLines }: LogRetention): number {
  return Math.ceil(Math.max(maxLines / PIECES, Math.min(MIN_SEGMENT_LINES, maxLines / 2)));
}
