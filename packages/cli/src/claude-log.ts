import { ClaudePrinter } from './claude-printer.ts';
import type { CommandContext } from './command-context.ts';
import { FoundLines, type FoundLine } from './found-lines.ts';
import { LineTap, type TappedLine } from './line-tap.ts';
import { logBeginning, readSoFar, type LogPlace, type ReadOptions } from './log-part.ts';
import type { LogPart } from './log-options.ts';
import { printLine, type SearchOptions } from './search-lines.ts';
import { writeOut } from './write-out.ts';

type Outputs = Pick<CommandContext, 'stdout' | 'stderr'>;

/** Takes lines as they are shown, and prints those that are wanted. */
interface LinePicker {
  /** No more lines are wanted. */
  readonly isFull: boolean;
  push(line: TappedLine): void;
  /** @returns how many lines there were */
  print(context: Outputs): Promise<number>;
}

/**
 * Shows some lines of what a Claude said and did so far: those that would be shown, picked out as they come.
 *
 * @returns how many lines were found, and where to go on
 */
export async function showClaudeLines(
  options: ReadOptions,
  part: Exclude<LogPart, { kind: 'all' }>,
  context: Outputs,
): Promise<{ readonly count: number; readonly place: LogPlace }> {
  const picker = pickLines(part);
  const tap = new LineTap(context, (line) => picker.push(line));
  const printer = new ClaudePrinter(tap, 'stream');
  const entries = readSoFar(options);
  let next = await entries.next();
  while (next.done !== true && !picker.isFull) {
    await printer.show(next.value);
    next = await entries.next();
  }
  tap.end();
  const place = next.done === true ? next.value : logBeginning;
  return { count: await picker.print(context), place };
}

function pickLines(part: Exclude<LogPart, { kind: 'all' }>): LinePicker {
  switch (part.kind) {
    case 'head':
      return pickHead(part.lines);
    case 'tail':
      return pickTail(part.lines);
    case 'search':
      return pickFound(part);
  }
}

function pickHead(count: number): LinePicker {
  const lines: TappedLine[] = [];
  return {
    get isFull() {
      return lines.length >= count;
    },
    push: (line) => {
      if (lines.length < count) lines.push(line);
    },
    print: (context) => printAll(lines, context),
  };
}

function pickTail(count: number): LinePicker {
  let lines: TappedLine[] = [];
  return {
    isFull: false,
    push: (line) => {
      lines.push(line);
      // Not with each line, for that would move all of them each time.
      if (lines.length >= 2 * count) lines = lines.slice(-count);
    },
    print: (context) => printAll(lines.slice(-count), context),
  };
}

function pickFound({ text, contextLines }: SearchOptions): LinePicker {
  const matches: (FoundLine & { readonly after: string[] })[] = [];
  let before: string[] = [];
  return {
    isFull: false,
    push: ({ text: line }) => {
      for (const { after } of matches.slice(-contextLines - 1)) {
        if (after.length < contextLines) after.push(line);
      }
      if (line.includes(text)) matches.push({ line, before, after: [] });
      if (contextLines > 0) before = [...before, line].slice(-contextLines);
    },
    print: async ({ stdout }) => {
      const found = new FoundLines(text, contextLines > 0, (line) => printLine(stdout, line));
      for (const match of matches) await found.take(match);
      await found.end();
      return found.count;
    },
  };
}

async function printAll(lines: readonly TappedLine[], context: Outputs): Promise<number> {
  for (const { stream, text } of lines) await writeOut(context[stream], `${text}\n`);
  return lines.length;
}
