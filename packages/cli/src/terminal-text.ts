import { stripVTControlCharacters, styleText } from 'node:util';

/** Text that steps back behind the answer. Plain where the stream is no terminal or takes no colours (NO_COLOR). */
export function dim(text: string, stream: NodeJS.WritableStream): string {
  return styleText('dim', text, { stream });
}

/** Text from elsewhere as a terminal may show it: what would steer the terminal is taken out. */
export function tame(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** The same, on one line. */
export function oneLine(text: string): string {
  return tame(text.replaceAll(/\s+/g, ' ')).trim();
}
