import { clampLine, cleanText, MAX_LINE_CHARS } from './clean-text.ts';

/** A line that was found, with the lines around it. */
export interface Match {
  /** Where it is: a byte of the output, or an entry of the log. */
  readonly place: number;
  readonly line: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Matches as lines, and what did not fit. */
export interface MatchLines {
  readonly lines: string[];
  readonly shown: number;
  /** Where the first one is that was left out. */
  readonly nextPlace: number | undefined;
}

/**
 * Matches as `grep` shows them: `place: line`, the lines around it indented, groups apart by `--`. A line is shown
 * once, also when it lies around several matches.
 *
 * @param text what was looked for
 * @param maxChars for all of them; the first one is shown whatever its length
 */
export function matchLines(matches: readonly Match[], text: string, maxChars: number): MatchLines {
  const lines: string[] = [];
  let chars = 0;
  let after: readonly string[] = [];
  for (const [index, match] of matches.entries()) {
    // Every line that holds the text is a match, so the first such line after a match is the next one.
    const nextIndex = after.findIndex((line) => line.includes(text));
    const isNext = nextIndex !== -1;
    const group = [
      ...after.slice(0, isNext ? nextIndex : undefined).map(indented),
      ...(isNext || index === 0 || match.before.length + after.length === 0 ? [] : ['--']),
      ...(isNext ? [] : match.before.map(indented)),
      `${match.place}: ${shown(match.line)}`,
    ];
    chars += group.reduce((sum, line) => sum + line.length + 1, 0);
    if (index > 0 && chars > maxChars) {
      lines.push(...after.map(indented));
      return { lines, shown: index, nextPlace: match.place };
    }
    lines.push(...group);
    ({ after } = match);
  }
  lines.push(...after.map(indented));
  return { lines, shown: matches.length, nextPlace: undefined };
}

function indented(line: string): string {
  return `  ${shown(line)}`;
}

function shown(line: string): string {
  return clampLine(cleanText(line), MAX_LINE_CHARS, 0);
}
