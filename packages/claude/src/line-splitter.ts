/** A line, or how many bytes a line had that was too long to keep. */
export type SplitLine = { readonly text: string } | { readonly droppedBytes: number };

const NEWLINE = 0x0a;

/**
 * Cuts a byte stream into lines at `\n`, whatever the chunks are.
 * A line is decoded as a whole, so a character that two chunks share stays whole.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** @param maxLineBytes - Longer lines are dropped and counted. */
  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  push(chunk: Uint8Array): SplitLine[] {
    const lines: SplitLine[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    // Copied, because the caller may use its buffer again. A Buffer's own slice would not copy.
    if (start < chunk.length) this.#keep(new Uint8Array(chunk.subarray(start)));
    return lines;
  }

  /** The rest that no `\n` ended, if any. */
  end(): SplitLine[] {
    return this.#bytes === 0 ? [] : [this.#take()];
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#maxLineBytes) this.#parts = [];
    else if (part.length > 0) this.#parts.push(part);
  }

  #take(): SplitLine {
    const line =
      this.#bytes > this.#maxLineBytes
        ? { droppedBytes: this.#bytes }
        : { text: Buffer.concat(this.#parts).toString('utf8') };
    this.#parts = [];
    this.#bytes = 0;
    return line;
  }
}
