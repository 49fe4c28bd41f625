import { cutAfter, cutBefore } from './character-cut.ts';
import { RecentBytes } from './recent-bytes.ts';

/** Longest line that is shown, in bytes. */
const SHOWN_BYTES = 2_000;
/** What is kept beyond an edge, to tell whether a character is cut there. */
const EDGE_BYTES = 3;
/** What is kept of a line before a match and from its beginning on. */
const KEPT_BYTES = SHOWN_BYTES + EDGE_BYTES;
const CARRIAGE_RETURN = 0x0d;

/** The beginning of a line, without the carriage return of its end. */
export function lineHead(line: Buffer): string {
  const bytes = line.at(-1) === CARRIAGE_RETURN ? line.length - 1 : line.length;
  return line.toString('utf8', 0, bytes <= SHOWN_BYTES ? bytes : cutBefore(line, SHOWN_BYTES));
}

/**
 * One line while it is read: what will be shown of it, in memory that does not grow with it.
 *
 * Use it again for the next line: most lines of a log are looked at.
 */
export class LineView {
  readonly #text: Buffer;
  readonly #head: Buffer = Buffer.allocUnsafe(KEPT_BYTES);
  readonly #recent: RecentBytes;
  #bytes = 0;
  #offset = 0;
  #matchAt: number | undefined;
  /** The line from `KEPT_BYTES` before the match, at most, to as many after it begins. */
  #around: Buffer = Buffer.alloc(0);

  /** @param text What to look for. */
  constructor(text: Buffer) {
    this.#text = text;
    this.#recent = new RecentBytes(KEPT_BYTES + text.length);
  }

  /** Nothing of a line has come. */
  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** Raw byte of the output at which it begins. */
  get offset(): number {
    return this.#offset;
  }

  get isMatch(): boolean {
    return this.#matchAt !== undefined;
  }

  /** A place that is not too late to begin at for whoever looks for the text in the rest of the line. */
  get resumeOffset(): number {
    return this.#recent.offsetBack(this.#text.length - 1) ?? this.#offset;
  }

  /** Adds what comes next of the line. @param offset Raw byte of the output at which it begins. */
  append(piece: Buffer, offset: number): void {
    if (piece.length === 0) return;
    if (this.#bytes === 0) this.#offset = offset;
    if (this.#matchAt === undefined) this.#look(piece);
    else this.#extend(piece);
    if (this.#bytes < this.#head.length) piece.copy(this.#head, this.#bytes);
    this.#recent.push(piece, offset);
    this.#bytes += piece.length;
  }

  /** The line as context: its beginning. */
  head(): string {
    if (this.#bytes > KEPT_BYTES) return lineHead(this.#head);
    return lineHead(this.#head.subarray(0, this.#bytes));
  }

  /** The line as a match: all of it, or what is around the match. */
  match(): string {
    const bytes = this.#shownLength();
    if (this.#matchAt === undefined || bytes <= SHOWN_BYTES) return this.head();
    const before = Math.max(0, Math.floor((SHOWN_BYTES - this.#text.length) / 2));
    const from = Math.max(0, Math.min(this.#matchAt - before, bytes - SHOWN_BYTES));
    const kept = this.#around;
    const keptFrom = Math.max(0, this.#matchAt - KEPT_BYTES);
    const to = from + SHOWN_BYTES - keptFrom;
    const end = from + SHOWN_BYTES < bytes ? cutBefore(kept, to) : to;
    return kept.toString('utf8', cutAfter(kept, from - keptFrom), end);
  }

  /** The next line begins. */
  reset(): void {
    this.#bytes = 0;
    this.#matchAt = undefined;
    this.#around = Buffer.alloc(0);
    this.#recent.reset();
  }

  #look(piece: Buffer): void {
    const text = this.#text;
    const recent = this.#recent.last(text.length - 1);
    const across = Buffer.concat([recent, piece.subarray(0, text.length - 1)]).indexOf(text);
    const inside = across === -1 ? piece.indexOf(text) : -1;
    if (across === -1 && inside === -1) return;
    // Below 0 when it begins before this piece.
    const at = across === -1 ? inside : across - recent.length;
    this.#matchAt = this.#bytes + at;
    const before = this.#recent.last(Math.max(0, KEPT_BYTES - at));
    const after = piece.subarray(Math.max(0, at - KEPT_BYTES), Math.max(0, at) + KEPT_BYTES);
    this.#around = Buffer.concat([before, after]);
  }

  #extend(piece: Buffer): void {
    const room = 2 * KEPT_BYTES - this.#around.length;
    if (room > 0) this.#around = Buffer.concat([this.#around, piece.subarray(0, room)]);
  }

  /** Without the carriage return of a line end. */
  #shownLength(): number {
    return this.#recent.last(1)[0] === CARRIAGE_RETURN ? this.#bytes - 1 : this.#bytes;
  }
}
