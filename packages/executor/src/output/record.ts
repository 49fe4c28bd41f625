import { crc32 } from 'node:zlib';
import type { PlainEntry, StoredEntry } from './stored-entry.ts';

/**
 * How an entry lies in memory and on disk, in little-endian numbers:
 *
 * | bytes | what                                                        |
 * | ----- | ----------------------------------------------------------- |
 * | 4     | size of the whole record, a multiple of 8                    |
 * | 4     | CRC-32 of all that follows                                   |
 * | 6     | seq                                                          |
 * | 1     | kind: stdout, stderr or plain                                |
 * | 1     | zeros at the end that fill the size up                       |
 * | 6     | raw bytes of output before this entry                        |
 * | 2     | zero                                                         |
 * | …     | payload: output as it is, any other entry as JSON            |
 */
export const RECORD_HEAD_BYTES = 24;

/** A larger one is none of ours: no entry comes near it. */
const MAX_RECORD_BYTES = 256 * 1024 * 1024;

/** What the payload of a record is. */
export const recordKinds = { stdout: 1, stderr: 2, plain: 3 } as const;
export type RecordKind = (typeof recordKinds)[keyof typeof recordKinds];

/** What a record says before its payload. */
export interface RecordHead {
  readonly bytes: number;
  readonly seq: number;
  readonly kind: RecordKind;
  /** Raw bytes of output before this entry. */
  readonly offset: number;
  readonly payloadBytes: number;
}

/** Bytes that a record with this payload takes. */
export function recordBytes(payloadBytes: number): number {
  // Whole words, so that payloads may be looked at a word at a time.
  return (RECORD_HEAD_BYTES + payloadBytes + 7) & ~7;
}

/** Writes a record at `at`; `target` has room for it. */
export function writeRecord(
  target: Buffer,
  at: number,
  record: { seq: number; kind: RecordKind; offset: number; payload: readonly Buffer[]; payloadBytes: number },
): void {
  const { seq, kind, offset, payload, payloadBytes } = record;
  const bytes = recordBytes(payloadBytes);
  const padBytes = bytes - RECORD_HEAD_BYTES - payloadBytes;
  target.writeUInt32LE(bytes, at);
  target.writeUIntLE(seq, at + 8, 6);
  target.writeUInt8(kind, at + 14);
  target.writeUInt8(padBytes, at + 15);
  target.writeUIntLE(offset, at + 16, 6);
  target.writeUInt16LE(0, at + 22);
  let end = at + RECORD_HEAD_BYTES;
  for (const part of payload) end += part.copy(target, end);
  target.fill(0, end, end + padBytes);
  target.writeUInt32LE(crc32(target.subarray(at + 8, at + bytes)), at + 4);
}

/** The head of the record at `at`; a number is how many bytes are needed to see it, undefined that it is none. */
export function readHead(bytes: Buffer, at: number, end: number): RecordHead | number | undefined {
  if (end - at < RECORD_HEAD_BYTES) return RECORD_HEAD_BYTES;
  const size = bytes.readUInt32LE(at);
  const kind = bytes.readUInt8(at + 14);
  const padBytes = bytes.readUInt8(at + 15);
  const payloadBytes = size - RECORD_HEAD_BYTES - padBytes;
  if (!isKind(kind) || size > MAX_RECORD_BYTES || size % 8 !== 0 || padBytes > 7 || payloadBytes < 0) {
    return undefined;
  }
  if (end - at < size) return size;
  const seq = bytes.readUIntLE(at + 8, 6);
  return { bytes: size, seq, kind, offset: bytes.readUIntLE(at + 16, 6), payloadBytes };
}

/** Whether the bytes of a record are those that were written. */
export function isIntact(bytes: Buffer, at: number, head: RecordHead): boolean {
  return crc32(bytes.subarray(at + 8, at + head.bytes)) === bytes.readUInt32LE(at + 4);
}

/** Raw bytes of output up to the end of a record. */
export function endOffset(head: RecordHead): number {
  return head.kind === recordKinds.plain ? head.offset : head.offset + head.payloadBytes;
}

/** The entry of an intact record. Its data is a view of `bytes`. */
export function readEntry(bytes: Buffer, at: number, head: RecordHead): StoredEntry {
  const start = at + RECORD_HEAD_BYTES;
  const end = start + head.payloadBytes;
  // Records are our own, so what an intact one holds is trusted.
  if (head.kind === recordKinds.plain) return JSON.parse(bytes.toString('utf8', start, end)) as PlainEntry;
  const stream = head.kind === recordKinds.stdout ? 'stdout' : 'stderr';
  return { type: 'output', seq: head.seq, offset: head.offset, stream, data: bytes.subarray(start, end) };
}

function isKind(kind: number): kind is RecordKind {
  return kind >= recordKinds.stdout && kind <= recordKinds.plain;
}
