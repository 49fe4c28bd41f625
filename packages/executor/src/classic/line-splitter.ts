import { StringDecoder } from 'node:string_decoder';

/** A partial line is sent after this time, in milliseconds, or at the end. */
const PARTIAL_LINE_MS = 100;
/** A line longer than this is sent in pieces, in characters. */
const MAX_LINE_CHARS = 64 * 1024;

/** Cuts the output of one stream into lines without their ends. */
export class LineSplitter implements Disposable {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #partial = '';
  /** A piece of the line was sent already, so its end alone is no line. */
  #isContinued = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(data: Buffer): void {
    clearTimeout(this.#timer);
    const lines = (this.#partial + this.#decoder.write(data)).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#endLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    this.#partial = this.#sendPieces(this.#partial);
    if (this.#partial !== '') this.#timer = setTimeout(() => this.#sendPartial(), PARTIAL_LINE_MS);
  }

  /** Sends what is there of a line; a character that is not whole comes as U+FFFD. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#partial += this.#decoder.end();
    this.#sendPartial();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #endLine(line: string): void {
    const rest = this.#sendPieces(line);
    if (rest !== '' || !this.#isContinued) this.#onLine(rest);
    this.#isContinued = false;
  }

  #sendPartial(): void {
    const partial = this.#partial;
    this.#partial = '';
    if (partial === '') return;
    this.#isContinued = true;
    this.#onLine(partial);
  }

  /** Sends the pieces of a line that is too long and returns its rest. */
  #sendPieces(line: string): string {
    let at = 0;
    while (line.length - at >= MAX_LINE_CHARS) {
      // Not between the two halves of a character beyond the basic plane.
      const isSplit = /[\uD800-\uDBFF]/.test(line.charAt(at + MAX_LINE_CHARS - 1));
      const end = at + MAX_LINE_CHARS - (isSplit ? 1 : 0);
      this.#isContinued = true;
      this.#onLine(line.slice(at, end));
      at = end;
    }
    return line.slice(at);
  }
}
