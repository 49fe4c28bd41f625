import type { AtQuota, JobKind, Retention } from '@cc-executor/protocol';

/** What holds for the output of one job. */
export interface LogRetention {
  readonly atQuota: AtQuota;
  readonly maxBytes: number;
  readonly maxLines: number;
  readonly maxAgeMs: number;
}

/** A log is dropped in pieces of a sixteenth of its quota; a large one in smaller ones, since readers look through them. */
const PIECES = 16;
const MIN_SEGMENT_BYTES = 64 * 1024;
const MAX_SEGMENT_BYTES = 4 * 1024 * 1024;

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

/** How large a piece of a log is. */
export function segmentBytes({ maxBytes, maxLines }: LogRetention): number {
  const bytes = Math.min(MAX_SEGMENT_BYTES, Math.floor(maxBytes / PIECES));
  // Lines are dropped with their segments: one should not hold most of them. Lines of logs have about a hundred bytes.
  return Math.max(MIN_SEGMENT_BYTES, Math.min(bytes, (maxLines * 100) / PIECES));
}
