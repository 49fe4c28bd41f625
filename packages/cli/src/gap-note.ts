/** What is said in the place of output that cannot be had any more. */
export function gapNote(lostBytes: number): string {
  return `${lostBytes} bytes of output are no longer there`;
}
