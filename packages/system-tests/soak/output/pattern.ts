import { fileURLToPath } from 'node:url';

const LINE_BYTES = 64;
const UNIT_LINES = 64;
/** After so many bytes comes the next number. */
const UNIT_BYTES = UNIT_LINES * LINE_BYTES;

/** How a program prints the pattern. */
export interface PatternOptions {
  /** Undefined: it never ends. */
  readonly bytes?: number | undefined;
  /** In one write. @default 65 536 */
  readonly writeBytes?: number;
  /** Between two writes. @default 0 */
  readonly restMs?: number;
}

/** Program and arguments that print the pattern. */
export function printsPattern({ bytes = 0, writeBytes = 65_536, restMs = 0 }: PatternOptions): string[] {
  const path = fileURLToPath(new URL('prints-pattern.pl', import.meta.url));
  return ['perl', path, String(bytes), String(writeBytes), String(restMs)];
}

const unit = Buffer.from(
  Array.from({ length: UNIT_LINES }, (_, line) => `${line}${'.'.repeat(line % 50)}`)
    .map((text) => `${text.padEnd(LINE_BYTES - 1)}\n`)
    .join(''),
);
let expected = Buffer.alloc(0);

/**
 * Compares bytes with what is printed at an offset: units of 64 lines, the first of which holds the number of the
 * unit, and each of the others its own.
 *
 * @returns what differs, in words
 */
export function patternFault(bytes: Buffer, offset: number): string | undefined {
  const firstUnit = Math.floor(offset / UNIT_BYTES);
  const units = Math.ceil((offset + bytes.length) / UNIT_BYTES) - firstUnit;
  if (expected.length < units * UNIT_BYTES) expected = Buffer.alloc(units * UNIT_BYTES, unit);
  for (let index = 0; index < units; index += 1) {
    const number = String(firstUnit + index).padStart(LINE_BYTES - 1, '0');
    expected.write(number, index * UNIT_BYTES, 'latin1');
  }
  const start = offset - firstUnit * UNIT_BYTES;
  if (bytes.compare(expected, start, start + bytes.length) === 0) return undefined;
  const at = bytes.findIndex((byte, index) => byte !== expected[start + index]);
  const found = JSON.stringify(bytes.subarray(at, at + LINE_BYTES).toString('latin1'));
  return `at byte ${offset + at} there is ${found}`;
}
