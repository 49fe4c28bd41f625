import { clampLine, cleanText, MAX_LINE_CHARS } from './clean-text.ts';

/** A line as a terminal would show it, and the bytes that it stands for. */
export interface ViewLine {
  readonly text: string;
  readonly rawBytes: number;
}

/** How much more of a line is kept before it is cleaned: escape sequences take their share. */
const KEPT_PER_SHOWN = 4;

/**
 * Puts the pieces of one stream together to lines: escape sequences are gone, of a progress bar that redraws
 * itself with carriage returns only the last state is left, and long lines are cut.
 */
export class LineAssembler {
  readonly #onLine: (line: ViewLine) => void;
  readonly #maxChars: number;
  /** What has been written since the last line end or carriage return. */
  #kept = '';
  #hiddenChars = 0;
  /** What the last carriage return left on the line. */
  #overwritten = { kept: '', hiddenChars: 0 };
  #rawBytes = 0;

  /** @param maxChars longest line; what is longer is cut and says by how much */
  constructor(onLine: (line: ViewLine) => void, maxChars = MAX_LINE_CHARS) {
    this.#onLine = onLine;
    this.#maxChars = maxChars;
  }

  write(text: string): void {
    let start = 0;
    for (;;) {
      const end = text.indexOf('\n', start);
      if (end === -1) break;
      this.#append(text.slice(start, end));
      this.#rawBytes += 1;
      this.#finish();
      start = end + 1;
    }
    if (start < text.length) this.#append(text.slice(start));
  }

  /** The line that is being written. */
  get partial(): string {
    const isEmpty = this.#kept === '';
    const { kept, hiddenChars } = isEmpty
      ? this.#overwritten
      : { kept: this.#kept, hiddenChars: this.#hiddenChars };
    return clampLine(cleanText(kept), this.#maxChars, hiddenChars);
  }

  /** The stream is over: a last line without an end counts. */
  end(): void {
    if (this.#rawBytes > 0) this.#finish();
  }

  #append(piece: string): void {
    this.#rawBytes += Buffer.byteLength(piece);
    const segments = piece.split('\r');
    segments.forEach((segment, index) => {
      if (index > 0) this.#carriageReturn();
      const room = Math.max(0, this.#maxChars * KEPT_PER_SHOWN - this.#kept.length);
      this.#kept += segment.slice(0, room);
      this.#hiddenChars += Math.max(0, segment.length - room);
    });
  }

  #carriageReturn(): void {
    if (this.#kept !== '') this.#overwritten = { kept: this.#kept, hiddenChars: this.#hiddenChars };
    this.#kept = '';
    this.#hiddenChars = 0;
  }

  #finish(): void {
    const line = { text: this.partial, rawBytes: this.#rawBytes };
    this.#kept = '';
    this.#hiddenChars = 0;
    this.#overwritten = { kept: '', hiddenChars: 0 };
    this.#rawBytes = 0;
    this.#onLine(line);
  }
}
