import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One file of a log. Its name tells where in the log it begins, so that the listing of a folder is its index. */
export interface Segment {
  readonly path: string;
  readonly firstSeq: number;
  /** Raw bytes of output before it. */
  readonly firstOffset: number;
  /** Position in the log of its first byte. */
  readonly start: number;
  /** Position after its last byte. */
  end: number;
  /** Raw bytes of output up to its end. */
  endOffset: number;
  /** Ends of lines in it, where lines are counted as they come. */
  lines: number | undefined;
  /** When its first record came, in milliseconds since 1970. */
  readonly openedAtMs: number;
}

const NAME = /^(\d{1,15})-(\d{1,15})\.log$/;

/** Where a segment lies. */
export function segmentPath(folder: string, firstSeq: number, firstOffset: number): string {
  return join(folder, `${firstSeq}-${firstOffset}.log`);
}

/**
 * The segments in a folder, in order; none when there is no such folder. Where one ends in the output is told by
 * the next; of the last one it is `outputBytes`.
 */
export async function listSegments(folder: string, outputBytes: number): Promise<Segment[]> {
  const named = (await listNames(folder))
    .flatMap((name) => {
      const [, seq, offset] = NAME.exec(name) ?? [];
      return seq === undefined ? [] : [{ name, firstSeq: Number(seq), firstOffset: Number(offset) }];
    })
    .toSorted((one, other) => one.firstSeq - other.firstSeq);
  const found = await Promise.all(
    named.map(async (one) => ({ ...one, stats: await stat(join(folder, one.name)).catch(() => undefined) })),
  );
  const segments: Segment[] = [];
  for (const [index, { name, firstSeq, firstOffset, stats }] of found.entries()) {
    // It was dropped meanwhile.
    if (stats === undefined) continue;
    const start = segments.at(-1)?.end ?? 0;
    segments.push({
      path: join(folder, name),
      firstSeq,
      firstOffset,
      start,
      end: start + stats.size,
      endOffset: named[index + 1]?.firstOffset ?? outputBytes,
      lines: undefined,
      openedAtMs: stats.birthtimeMs,
    });
  }
  return segments;
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
