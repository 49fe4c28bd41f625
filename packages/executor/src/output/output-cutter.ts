import { incompleteTailBytes } from './utf8-tail.ts';

/** Longest part of a character that is not whole. */
const MAX_TAIL_BYTES = 3;

/**
 * Cuts a byte stream only between characters, so that each piece can be decoded on its own, wherever a reader
 * begins. At most 3 bytes are held back until the next piece or the end; no byte is changed or lost.
 */
export class OutputCutter {
  #held: Buffer | undefined;

  /** What was held back and these chunks, without the part of a character at their end. None when nothing is whole. */
  cut(chunks: readonly Buffer[]): Buffer[] {
    const all = this.#held === undefined ? [...chunks] : [this.#held, ...chunks];
    this.#held = undefined;
    const last = lastPiece(all);
    if (last === undefined) return [];
    const tailBytes = incompleteTailBytes(last);
    if (tailBytes === 0) return [...all, last];
    // A copy, so that three bytes do not keep a whole read buffer alive.
    this.#held = Buffer.from(last.subarray(last.length - tailBytes));
    return last.length === tailBytes ? all : [...all, last.subarray(0, last.length - tailBytes)];
  }

  /** What is left when the stream ends. */
  end(): Buffer {
    const held = this.#held ?? Buffer.alloc(0);
    this.#held = undefined;
    return held;
  }
}

/** Takes the last piece off, put together from as many as it takes to hold the end of any character. */
function lastPiece(pieces: Buffer[]): Buffer | undefined {
  let last = pieces.pop();
  while (last !== undefined && last.length < MAX_TAIL_BYTES) {
    const before = pieces.pop();
    if (before === undefined) return last.length === 0 ? undefined : last;
    last = Buffer.concat([before, last]);
  }
  return last;
}
