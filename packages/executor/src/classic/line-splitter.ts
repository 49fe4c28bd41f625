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
  #timer: NodeJS.Timeout | undefined;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(data: Buffer): void {
    clearTimeout(this.#timer);
    const lines = (this.#partial + this.#decoder.write(data)).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (this.#partial.length >= MAX_LINE_CHARS) {
      this.#onLine(this.#partial.slice(0, MAX_LINE_CHARS));
      this.#partial = this.#partial.slice(MAX_LINE_CHARS);
    }
    if (this.#partial !== '') this.#timer = setTimeout(() => this.flush(), PARTIAL_LINE_MS);
  }

  /** Sends what is there of a line. */
  flush(): void {
    clearTimeout(this.#timer);
    const line = this.#partial;
    this.#partial = '';
    if (line !== '') this.#onLine(line);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
