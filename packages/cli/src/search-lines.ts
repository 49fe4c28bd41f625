import type { CommandContext } from './command-context.ts';
import { FoundLines } from './found-lines.ts';
import { gapNote } from './gap-note.ts';
import type { ReadOptions } from './log-part.ts';
import { dim, tame } from './terminal-text.ts';
import { writeOut } from './write-out.ts';

/** Matches that are asked for at once. */
const PAGE_MATCHES = 1_000;

/** What to look for. */
export interface SearchOptions {
  readonly text: string;
  readonly contextLines: number;
}

/** Prints the lines of a job's output that hold a text. @returns how many */
export async function searchLines(
  { client, view, stream }: ReadOptions,
  { text, contextLines }: SearchOptions,
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
): Promise<number> {
  const found = new FoundLines(text, contextLines > 0, (line) => printLine(stdout, line));
  for (let offset = 0; ;) {
    const params = { jobId: view.jobId, text, offset, stream, contextLines, maxMatches: PAGE_MATCHES };
    const page = await client.call('job/search', params);
    const lostBytes = page.fromOffset - offset;
    if (lostBytes > 0) {
      await writeOut(stderr, `${dim(`cc-executor: ${gapNote(lostBytes)}`, stderr)}\n`);
    }
    for (const match of page.matches) await found.take(match);
    // What a job prints from now on is left out, or one that floods would keep us.
    if (page.isComplete || page.nextOffset >= view.outputBytes) break;
    offset = page.nextOffset;
  }
  await found.end();
  return found.count;
}

/** A line that was found, which a terminal must not be steered by. */
export function printLine(stdout: CommandContext['stdout'], line: string): Promise<void> {
  return writeOut(stdout, `${stdout.isTTY === true ? tame(line) : line}\n`);
}
