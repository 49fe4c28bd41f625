/** A line that was found, and the lines around it. */
export interface FoundLine {
  readonly line: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Puts lines that were found in order, with the lines around them, as `grep` does: each once, groups apart by `--`. */
export class FoundLines {
  readonly #text: string;
  readonly #print: (line: string) => Promise<void>;
  readonly #hasContext: boolean;
  #after: readonly string[] = [];
  #count = 0;

  /** @param text What was looked for. */
  constructor(text: string, hasContext: boolean, print: (line: string) => Promise<void>) {
    this.#text = text;
    this.#hasContext = hasContext;
    this.#print = print;
  }

  /** Lines that were found. */
  get count(): number {
    return this.#count;
  }

  /** Takes the next match. */
  async take(match: FoundLine): Promise<void> {
    // Every line that holds the text is a match, so the first such line after a match is the next one.
    const next = this.#after.findIndex((line) => line.includes(this.#text));
    await this.#printAll(next === -1 ? this.#after : this.#after.slice(0, next));
    if (next === -1) {
      if (this.#hasContext && this.#count > 0) await this.#print('--');
      await this.#printAll(match.before);
    }
    await this.#print(match.line);
    this.#after = match.after;
    this.#count += 1;
  }

  /** No more come. */
  async end(): Promise<void> {
    await this.#printAll(this.#after);
    this.#after = [];
  }

  async #printAll(lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.#print(line);
  }
}
