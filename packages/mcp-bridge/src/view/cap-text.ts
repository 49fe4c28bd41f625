import { cutText } from './clean-text.ts';

/** No result is longer, in characters: clients put what is longer into a file. */
export const MAX_RESULT_CHARS = 49_000;

/** The beginning and the end of a text that is too long, with a note between them. */
export function capText(text: string, maxChars: number, note: (omittedChars: number) => string): string {
  if (text.length <= maxChars) return text;
  const room = Math.max(0, maxChars - note(text.length).length - 2);
  const head = cutText(text, Math.floor(room * 0.6));
  const from = text.length - (room - head.length);
  const first = text.charCodeAt(from);
  const tail = text.slice(first >= 0xdc00 && first < 0xe000 ? from + 1 : from);
  return `${head}\n${note(text.length - head.length - tail.length)}\n${tail}`;
}
