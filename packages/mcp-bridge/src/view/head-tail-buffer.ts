import type { ViewLine } from './line-assembler.ts';

/** Share of the budget that goes to the beginning; the end tells more. */
const HEAD_SHARE = 0.4;

/** What was left out between head and tail. `lines` is absent when it was not counted. */
export interface Omission {
  readonly bytes: number;
  readonly lines: number | undefined;
  /** Bytes before it. */
  readonly headBytes: number;
}

/** Keeps the first and the last lines of a text of any length within a budget of characters. */
export class HeadTailBuffer {
  readonly #headChars: number;
  readonly #tailChars: number;
  readonly #head: string[] = [];
  #tail: ViewLine[] = [];
  /** Where the tail begins: shifting an array line by line would move all the others. */
  #tailStart = 0;
  #headUsed = 0;
  #headBytes = 0;
  #tailUsed = 0;
  #isHeadOver = false;
  #omittedBytes = 0;
  #omittedLines = 0;
  #isLineCountKnown = true;

  /** @param maxChars for both together, line ends included */
  constructor(maxChars: number) {
    this.#headChars = Math.floor(maxChars * HEAD_SHARE);
    this.#tailChars = maxChars - this.#headChars;
  }

  push(line: ViewLine): void {
    const size = line.text.length + 1;
    if (!this.#isHeadOver && this.#headUsed + size <= this.#headChars) {
      this.#head.push(line.text);
      this.#headUsed += size;
      this.#headBytes += line.rawBytes;
      return;
    }
    this.#isHeadOver = true;
    this.#tail.push(line);
    this.#tailUsed += size;
    while (this.#tailUsed > this.#tailChars) this.#dropFirst();
  }

  /** Leaves out bytes that are not read at all: what comes next belongs to the end. */
  skip(bytes: number): void {
    this.#isHeadOver = true;
    this.#omittedBytes += bytes;
    this.#isLineCountKnown = false;
  }

  /** The text, with a note of its own in the place of what was left out. */
  render(note: (omission: Omission) => string): string {
    const omission = {
      bytes: this.#omittedBytes,
      lines: this.#isLineCountKnown ? this.#omittedLines : undefined,
      headBytes: this.#headBytes,
    };
    const middle = omission.bytes > 0 || this.#omittedLines > 0 ? [note(omission)] : [];
    const tail = this.#tail.slice(this.#tailStart).map(({ text }) => text);
    return [...this.#head, ...middle, ...tail].join('\n');
  }

  #dropFirst(): void {
    const line = this.#tail[this.#tailStart];
    if (line === undefined) return;
    this.#tailStart += 1;
    this.#tailUsed -= line.text.length + 1;
    this.#omittedBytes += line.rawBytes;
    this.#omittedLines += 1;
    if (this.#tailStart > 1_000 && this.#tailStart * 2 > this.#tail.length) {
      this.#tail = this.#tail.slice(this.#tailStart);
      this.#tailStart = 0;
    }
  }
}
