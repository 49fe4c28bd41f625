import type { LogEntry, OutputStream } from '@cc-executor/protocol';
import { HeadTailBuffer } from './head-tail-buffer.ts';
import { LineAssembler } from './line-assembler.ts';

/** Output of a command in a result, in characters, unless asked otherwise. */
export const OUTPUT_CHARS = 16_000;

/** What stands in the place of output that is no longer there. */
export function gapWords(lostBytes: number): string {
  return `… ${lostBytes} bytes are no longer kept …`;
}

/** What a reader of a command's output sees: both streams in order, stderr marked, the middle left out. */
export class OutputView {
  readonly #buffer: HeadTailBuffer;
  readonly #assemblers: Record<OutputStream, LineAssembler>;

  /** Raw byte of the output at which the view begins. */
  #begin: number | undefined;
  /** The bytes of lines tell where they are: no byte of them was replaced. */
  #isExact = true;

  /** @param onLine Called with each line as it is finished. */
  constructor(maxChars: number, onLine: (line: string) => void = () => undefined) {
    this.#buffer = new HeadTailBuffer(maxChars);
    const assembler = (mark: string): LineAssembler =>
      new LineAssembler(({ text, rawBytes }) => {
        const marked = `${mark}${text}`;
        this.#buffer.push({ text: marked, rawBytes });
        onLine(marked);
      });
    this.#assemblers = { stdout: assembler(''), stderr: assembler('[stderr] ') };
  }

  take(entry: LogEntry): void {
    if (entry.type === 'output') {
      this.#begin ??= entry.offset;
      this.#isExact &&= entry.invalidBytes === undefined;
      this.#assemblers[entry.stream].write(entry.data);
    } else if (entry.type === 'gap') {
      this.#endLines();
      // Not to be had any more, unlike what is left out here.
      this.#buffer.push({ text: gapWords(entry.lostBytes), rawBytes: 0 });
      this.#isExact = this.#begin === undefined;
    }
  }

  /** Leaves out bytes that are not read at all. */
  skip(bytes: number): void {
    this.#endLines();
    this.#buffer.skip(bytes);
  }

  /** The view so far; call it once, when nothing more is written. */
  render(jobId: string): string {
    this.#endLines();
    return this.#buffer.render(({ bytes, lines, headBytes }) => {
      const size = lines === undefined ? `${bytes} bytes` : `${bytes} bytes (${lines} lines)`;
      const offset = this.#isExact ? ` offset=${(this.#begin ?? 0) + headBytes}` : '';
      return `… ${size} omitted; call read_output with job_id=${jobId}${offset} or search to see them …`;
    });
  }

  #endLines(): void {
    this.#assemblers.stdout.end();
    this.#assemblers.stderr.end();
  }
}
