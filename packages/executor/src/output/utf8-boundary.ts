/** Length of the character that a lead byte begins, 0 for any other byte. */
function characterBytes(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** Bytes at the end of `bytes` that begin a character and do not complete it: 0 to 3. */
export function incompleteTailBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return characterBytes(byte) > back ? back : 0;
  }
  return 0;
}

/**
 * Cuts a byte stream only between characters, so that each piece can be decoded on its own, wherever a reader
 * begins. At most 3 bytes are held back until the next piece or the end; no byte is changed or lost.
 */
export class Utf8Boundary {
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const cut = bytes.length - incompleteTailBytes(bytes);
    // A copy, so that three bytes do not keep a whole read buffer alive.
    this.#held = cut === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(cut));
    return bytes.subarray(0, cut);
  }

  /** What is left when the stream ends. */
  end(): Buffer {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    return held;
  }
}
