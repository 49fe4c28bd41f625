const REPLACEMENT = 0xfffd;
/** U+FFFD itself, when a program prints it. */
const REPLACEMENT_BYTES = Buffer.from('\u{FFFD}');

/**
 * Counts the bytes that are no UTF-8: those that read as U+FFFD, each of which may stand for up to three of them.
 */
export function countInvalidBytes(bytes: Buffer): number {
  const text = bytes.toString('utf8');
  // What reads as itself has its own number of bytes; all else is invalid.
  let validBytes = 0;
  let replacements = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === REPLACEMENT) replacements += 1;
    else validBytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : isSurrogate(unit) ? 2 : 3;
  }
  return bytes.length - validBytes - (replacements === 0 ? 0 : countReplacementBytes(bytes));
}

/** Half of a pair, which is four bytes in UTF-8. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function countReplacementBytes(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(REPLACEMENT_BYTES); at !== -1; at = bytes.indexOf(REPLACEMENT_BYTES, at + 3)) {
    count += REPLACEMENT_BYTES.length;
  }
  return count;
}
