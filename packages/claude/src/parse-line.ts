/** No tool's input is nested like this; `JSON.stringify` runs out of stack at some thousands. */
const MAX_DEPTH = 512;

/** Reads a line as JSON; undefined when it is none, or nested so deeply that nobody could write it again. */
export function parseLine(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // Each level takes two characters at least, so that almost no line needs the walk.
  return text.length > 2 * MAX_DEPTH && isTooDeep(value) ? undefined : value;
}

/** Level by level, because a recursive walk would be the very failure that it is to prevent. */
function isTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth += 1) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}
