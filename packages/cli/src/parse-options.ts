import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { HelpRequest, UsageError } from './command-errors.ts';

/**
 * Parses a command's options and positionals.
 *
 * @throws HelpRequest for `--help` and `-h`; UsageError for what it does not know.
 */
export function parseOptions<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  if (own.includes('--help') || own.includes('-h')) throw new HelpRequest();
  const parsed = parse(args, options);
  for (const [name, value] of Object.entries(parsed.values)) {
    // A variable that is not set; taken as a path it would be the current folder.
    if (value === '') throw new UsageError(`--${name} is empty`);
  }
  return parsed;
}

function parse<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Every error of parseArgs is about the arguments; its first sentence says which.
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s/);
    throw new UsageError(message, { cause: error });
  }
}

/**
 * Splits `run`'s arguments into its own options and the command, which begins at the first word that is no
 * option, or after `--`. What follows belongs to the command, whatever it looks like.
 */
export function splitAtCommand(
  args: readonly string[],
  options: ParseArgsOptionsConfig,
): { own: readonly string[]; command: readonly string[] } {
  let index = 0;
  for (; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--') return { own: args.slice(0, index), command: args.slice(index + 1) };
    if (!arg.startsWith('-')) break;
    const takesNext = arg.startsWith('--') && options[arg.slice(2)]?.type === 'string';
    if (takesNext) index += 1;
  }
  return { own: args.slice(0, index), command: args.slice(index) };
}

/** @throws UsageError unless the text is a number of seconds above 0. @returns milliseconds */
export function secondsToMs(option: string, text: string): number {
  const seconds = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new UsageError(`${option} takes a number of seconds above 0, not '${text}'`);
  }
  return Math.max(1, Math.round(seconds * 1000));
}

/** @throws UsageError unless the text is a whole number from `min` on. */
export function wholeNumber(option: string, text: string, min: number): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(number >= min)) throw new UsageError(`${option} takes a whole number from ${min} on, not '${text}'`);
  return number;
}

const sizeUnits: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** @throws UsageError unless the text is a size such as `500K` or `2G`. @returns bytes */
export function sizeToBytes(option: string, text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,12})([KMG]?)B?$/i.exec(text) ?? [];
  const bytes = Number(number) * (sizeUnits[unit.toUpperCase()] ?? NaN);
  if (number === '' || !(bytes > 0))
    throw new UsageError(`${option} takes a size such as 500K or 2G, not '${text}'`);
  return bytes;
}

/** @throws UsageError unless the text is one of the words. */
export function oneOf<const W extends string>(option: string, text: string, words: readonly W[]): W {
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw new UsageError(`${option} takes ${words.slice(0, -1).join(', ')} or ${words.at(-1)}, not '${text}'`);
}

/** @throws UsageError unless there is at least one job, or exactly one. */
export function requireJobs(
  jobIds: readonly string[],
  count: 'one' | 'some',
): readonly [string, ...string[]] {
  const [first, ...rest] = jobIds;
  if (first === undefined) throw new UsageError('which job? `cc-executor ps` lists them');
  if (count === 'one' && rest.length > 0) throw new UsageError(`one job at a time, not ${jobIds.length}`);
  return [first, ...rest];
}
