import { LineView, lineHead } from './line-view.ts';

const LINE_FEED = 0x0a;

/** A line that holds the text. */
export interface LineMatch {
  /** Raw byte of the output at which it begins. */
  readonly offset: number;
  readonly line: string;
  readonly before: string[];
  readonly after: string[];
}

/** What to look for, and how much of it. */
export interface LineSearchOptions {
  readonly text: Buffer;
  readonly contextLines: number;
  readonly maxMatches: number;
  /** Bytes of all that is found, about. */
  readonly maxFoundBytes: number;
}

/**
 * Looks for a text in lines that come in pieces, within a bound of memory.
 *
 * Lines without the text are never touched one by one: in each piece the next match is looked for, and its line
 * around it.
 */
export class LineSearch {
  readonly matches: LineMatch[] = [];
  readonly #options: LineSearchOptions;
  readonly #line: LineView;
  #before: string[] = [];
  #foundBytes = 0;
  #nextOffset = 0;

  constructor(options: LineSearchOptions) {
    this.#options = options;
    this.#line = new LineView(options.text);
  }

  /** No more matches are taken. */
  get isFull(): boolean {
    const { maxMatches, maxFoundBytes } = this.#options;
    return this.matches.length >= maxMatches || this.#foundBytes >= maxFoundBytes;
  }

  /** No more matches are taken, and those there are have the lines that come after them. */
  get isDone(): boolean {
    return this.isFull && this.#wantedAfter === 0;
  }

  /** Raw byte of the output after the line of the last match. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** The line whose end has not come; undefined at the beginning of one. */
  get openLine(): Pick<LineView, 'offset' | 'isMatch' | 'resumeOffset'> | undefined {
    return this.#line.isEmpty ? undefined : this.#line;
  }

  /** Takes the next piece. @param offset Raw byte of the output at which it begins. */
  push(piece: Buffer, offset: number): void {
    for (let at = 0; at < piece.length && !this.isDone;) {
      if (this.#line.isEmpty && this.#wantedAfter === 0) at = this.#skipToMatch(piece, at);
      const lineEnd = piece.indexOf(LINE_FEED, at);
      const end = lineEnd === -1 ? piece.length : lineEnd;
      this.#line.append(piece.subarray(at, end), offset + at);
      if (lineEnd === -1) return;
      this.endLine(offset + end + 1);
      at = end + 1;
    }
  }

  /** The line is over, or its end will not come. @param endOffset Raw byte of the output after it. */
  endLine(endOffset: number): void {
    const line = this.#line;
    const { contextLines } = this.#options;
    const isMatch = line.isMatch && !this.isFull;
    if (contextLines > 0) this.#addAfter(line.head());
    if (isMatch) {
      const match = { offset: line.offset, line: line.match(), before: this.#before, after: [] };
      this.matches.push(match);
      this.#nextOffset = endOffset;
      this.#foundBytes += [match.line, ...match.before].reduce((sum, text) => sum + text.length, 0);
    }
    if (contextLines > 0) this.#before = [...this.#before, line.head()].slice(-contextLines);
    line.reset();
  }

  /** Where the line of the next match begins, or else the last line of the piece. */
  #skipToMatch(piece: Buffer, from: number): number {
    const match = piece.indexOf(this.#options.text, from);
    const lineFeed = match === 0 ? -1 : piece.lastIndexOf(LINE_FEED, match === -1 ? undefined : match - 1);
    const begin = Math.max(from, lineFeed + 1);
    this.#keepBefore(piece.subarray(from, begin));
    return begin;
  }

  /** Keeps the last of some whole lines as context for a match to come. */
  #keepBefore(lines: Buffer): void {
    const { contextLines } = this.#options;
    if (contextLines === 0) return;
    const last: string[] = [];
    let end = lines.length - 1;
    while (end >= 0 && last.length < contextLines) {
      const begin = end === 0 ? 0 : lines.lastIndexOf(LINE_FEED, end - 1) + 1;
      last.unshift(lineHead(lines.subarray(begin, end)));
      end = begin - 1;
    }
    this.#before = [...this.#before, ...last].slice(-contextLines);
  }

  /** Gives a line to the matches that it comes after. */
  #addAfter(line: string): void {
    const { contextLines } = this.#options;
    for (const { after } of this.matches.slice(-contextLines)) {
      if (after.length >= contextLines) continue;
      after.push(line);
      this.#foundBytes += line.length;
    }
  }

  /** Lines that the last match still lacks after it. */
  get #wantedAfter(): number {
    const last = this.matches.at(-1);
    return last === undefined ? 0 : this.#options.contextLines - last.after.length;
  }
}
