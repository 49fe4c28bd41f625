const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;

/**
 * Whether JSON would escape nothing in these bytes but line feeds: no quote, no backslash, no other control
 * character. Looks at four bytes at a time where they are aligned.
 */
export function isPlainText(bytes: Buffer): boolean {
  if (bytes.includes(QUOTE) || bytes.includes(BACKSLASH)) return false;
  const leadBytes = (4 - (bytes.byteOffset % 4)) % 4;
  if (bytes.length <= leadBytes) return isPlain(bytes, 0, bytes.length);
  const wordCount = (bytes.length - leadBytes) >>> 2;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + leadBytes, wordCount);
  for (let index = 0; index < wordCount; index += 1) {
    const word = words[index] ?? 0;
    // Some byte is below 0x20.
    if (((word - 0x20202020) & ~word & 0x80808080) !== 0 && hasOtherControl(word)) return false;
  }
  const tail = leadBytes + wordCount * 4;
  return isPlain(bytes, 0, leadBytes) && isPlain(bytes, tail, bytes.length);
}

function hasOtherControl(word: number): boolean {
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (word >>> shift) & 0xff;
    if (byte < 0x20 && byte !== LINE_FEED) return true;
  }
  return false;
}

function isPlain(bytes: Buffer, from: number, to: number): boolean {
  for (let index = from; index < to; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte < 0x20 && byte !== LINE_FEED) return false;
  }
  return true;
}
