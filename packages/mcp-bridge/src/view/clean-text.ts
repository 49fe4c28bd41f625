import { stripVTControlCharacters } from 'node:util';

/** Longest line in a view, in characters. */
export const MAX_LINE_CHARS = 2_000;

/** Text without escape sequences and control characters; tabs stay. */
export function cleanText(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\t]/gu, '');
}

/** A line that is not too long for a view. @param hiddenChars characters that were left out before */
export function clampLine(line: string, maxChars: number, hiddenChars: number): string {
  if (line.length <= maxChars && hiddenChars === 0) return line;
  const kept = cutText(line, maxChars - 40);
  return `${kept} … [${line.length - kept.length + hiddenChars} more characters]`;
}

/** The beginning of a text, not cut within a character. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const last = text.charCodeAt(maxChars - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? maxChars - 1 : maxChars);
}

/** A message of one line, at most `maxChars` long. */
export function oneLine(text: string, maxChars: number): string {
  const line = cleanText(text.replaceAll(/\s+/g, ' ')).trim();
  return line.length <= maxChars ? line : `${cutText(line, maxChars - 1)}…`;
}
