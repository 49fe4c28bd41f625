import type { LogEntry } from '@cc-executor/protocol';
import type { CommandContext } from './command-context.ts';
import { gapNote } from './gap-note.ts';
import { dim } from './terminal-text.ts';
import { writeOut } from './write-out.ts';

/** Passes a command's output on: each stream to its own, byte for byte, or all entries as lines of JSON. */
export class OutputPrinter {
  readonly #context: Pick<CommandContext, 'stdout' | 'stderr'>;
  readonly #isJson: boolean;

  constructor(context: Pick<CommandContext, 'stdout' | 'stderr'>, isJson: boolean) {
    this.#context = context;
    this.#isJson = isJson;
  }

  /** Shows an entry, and resolves when the reader has taken it. */
  async show(entry: LogEntry): Promise<void> {
    const { stdout, stderr } = this.#context;
    if (this.#isJson) {
      await writeOut(stdout, `${JSON.stringify(entry)}\n`);
    } else if (entry.type === 'output') {
      const bytes = Buffer.from(entry.data, entry.encoding);
      await writeOut(entry.stream === 'stdout' ? stdout : stderr, bytes);
    } else if (entry.type === 'gap') {
      await this.#note(gapNote(entry.lostBytes));
    } else if (entry.type === 'closed' && entry.outcome.status === 'lost') {
      await this.#note('the executor died while it ran; the last of the output may be missing');
    } else if (entry.type === 'closed' && !entry.drained) {
      await this.#note('the output was cut off: something held it open after the end');
    }
  }

  async #note(text: string): Promise<void> {
    const { stderr } = this.#context;
    await writeOut(stderr, `${dim(`cc-executor: ${text}`, stderr)}\n`);
  }
}
