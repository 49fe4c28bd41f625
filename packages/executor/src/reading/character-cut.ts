/** Whether `byte` may be the second of a character that `lead` begins. */
function mayFollow(lead: number, byte: number): boolean {
  switch (lead) {
    case 0xe0:
      return byte >= 0xa0 && byte <= 0xbf;
    case 0xed:
      return byte >= 0x80 && byte <= 0x9f;
    case 0xf0:
      return byte >= 0x90 && byte <= 0xbf;
    case 0xf4:
      return byte >= 0x80 && byte <= 0x8f;
    default:
      return byte >= 0x80 && byte <= 0xbf;
  }
}

function wantedBytes(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 1;
}

/** Bytes that are decoded as one from `at` on: a character, or what would read as one U+FFFD. */
function unitBytes(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  const wanted = wantedBytes(lead);
  for (let length = 1; length < wanted; length += 1) {
    const byte = bytes[at + length] ?? 0;
    const isNext = length === 1 ? mayFollow(lead, byte) : byte >= 0x80 && byte <= 0xbf;
    if (!isNext) return length;
  }
  return wanted;
}

/** Where the character begins and ends that a cut at `at` would go through; both are `at` if there is none. */
function around(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  for (let start = at - 1; start >= 0 && start >= at - 3; start -= 1) {
    const byte = bytes[start] ?? 0;
    if (byte >= 0x80 && byte <= 0xbf) continue;
    const end = start + unitBytes(bytes, start);
    return end > at ? { start, end } : { start: at, end: at };
  }
  return { start: at, end: at };
}

/** The last place at or before `at` where UTF-8 can be cut so that both parts decode as they do together. */
export function cutBefore(bytes: Uint8Array, at: number): number {
  return at >= bytes.length ? bytes.length : around(bytes, at).start;
}

/** The first such place at or after `at`. */
export function cutAfter(bytes: Uint8Array, at: number): number {
  return at >= bytes.length ? bytes.length : around(bytes, at).end;
}
