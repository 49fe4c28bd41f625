const LINE_FEED = 0x0a;

/** Cuts output after every so many line feeds; the last piece may have fewer. Each piece may come in parts. */
export function cutAtLineEnds(parts: readonly Buffer[], maxLines: number): readonly (readonly Buffer[])[] {
  if (maxLines === Number.POSITIVE_INFINITY) return [parts];
  const bytes = Buffer.concat(parts);
  const pieces: Buffer[][] = [];
  let start = 0;
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) {
    lines += 1;
    if (lines % maxLines !== 0) continue;
    pieces.push([bytes.subarray(start, at + 1)]);
    start = at + 1;
  }
  return start < bytes.length ? [...pieces, [bytes.subarray(start)]] : pieces;
}

/** Counts the line feeds in some output. */
export function countLineEnds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}
