import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  endOffset,
  isIntact,
  readEntry,
  readHead,
  recordBytes,
  recordKinds,
  writeRecord,
  type RecordKind,
} from './record.ts';

const MAX_NUMBER = 2 ** 48 - 1;

const event = { type: 'event', at: '2026-11-21T12:00:00.000Z', event: { type: 'text', text: 'hé' } } as const;
const number = fc.oneof(
  fc.integer({ min: 0, max: 1_000 }),
  fc.bigInt({ min: 0n, max: BigInt(MAX_NUMBER) }).map(Number),
);
const parts = fc
  .array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 })
  .map((pieces) => pieces.map((piece) => Buffer.from(piece)));
const output = fc.record({
  kind: fc.constantFrom<RecordKind>(recordKinds.stdout, recordKinds.stderr),
  payload: parts,
});
const plain = fc.constant({
  kind: recordKinds.plain,
  payload: [Buffer.from(JSON.stringify({ ...event, seq: 1 }))],
});
const record = fc
  .record({ seq: number, offset: number, what: fc.oneof(output, plain) })
  .map(({ seq, offset, what }) => {
    const payloadBytes = Buffer.concat(what.payload).length;
    return { seq, offset, ...what, payloadBytes };
  });

/** A record at a place in memory that held something else. */
function written(value: Parameters<typeof writeRecord>[2], at = 0): Buffer {
  const buffer = Buffer.alloc(at + recordBytes(value.payloadBytes) + 8, 0xaa);
  writeRecord(buffer, at, value);
  return buffer;
}

test('a record reads as it was written, wherever it lies, and touches nothing else', () => {
  fc.assert(
    fc.property(record, fc.integer({ min: 0, max: 40 }), (value, at) => {
      const { seq, kind, offset, payload, payloadBytes } = value;
      const buffer = written(value, at);
      const bytes = recordBytes(payloadBytes);
      const head = { bytes, seq, kind, offset, payloadBytes };
      expect(readHead(buffer, at, at + bytes)).toEqual(head);
      expect([bytes % 8, isIntact(buffer, at, head)]).toEqual([0, true]);
      expect(buffer.subarray(0, at).every((byte) => byte === 0xaa)).toBe(true);
      expect(buffer.subarray(at + bytes).every((byte) => byte === 0xaa)).toBe(true);
      const isPlain = kind === recordKinds.plain;
      const stream = kind === recordKinds.stdout ? 'stdout' : 'stderr';
      const data = Buffer.concat(payload);
      const entry = isPlain ? { ...event, seq: 1 } : { type: 'output', seq, offset, stream, data };
      expect(readEntry(buffer, at, head)).toEqual(entry);
      expect(endOffset(head)).toBe(isPlain ? offset : offset + payloadBytes);
    }),
  );
});

test('any change of a byte is noticed', () => {
  fc.assert(
    fc.property(record, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, place, change) => {
      const buffer = written(value);
      const end = recordBytes(value.payloadBytes);
      const at = place % end;
      buffer[at] = (buffer[at] ?? 0) ^ change;
      // What follows may make room for a record that claims to be larger.
      for (const limit of [end, buffer.length]) {
        const head = readHead(buffer, 0, limit);
        const isTaken = typeof head === 'object' && isIntact(buffer, 0, head);
        expect(isTaken).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});

test('a record that is cut off says how much of it is needed', () => {
  fc.assert(
    fc.property(record, fc.nat(), (value, place) => {
      const bytes = recordBytes(value.payloadBytes);
      const end = place % bytes;
      expect(readHead(written(value), 0, end)).toBe(end < 24 ? 24 : bytes);
    }),
  );
});

test('bytes that are no record are never taken for one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0, max: 8 }), (noise, at) => {
      const bytes = Buffer.from(noise);
      const head = readHead(bytes, Math.min(at, bytes.length), bytes.length);
      const isTaken = typeof head === 'object' && isIntact(bytes, Math.min(at, bytes.length), head);
      expect(isTaken).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test.each([0x00, 0xff, 0x01, 0x08, 0x18, 0x20])('a stretch of the byte %i is no record', (byte) => {
  const bytes = Buffer.alloc(4096, byte);
  const head = readHead(bytes, 0, bytes.length);
  expect(typeof head === 'object' && isIntact(bytes, 0, head)).toBe(false);
});

test('a size that only a damaged record has asks for no memory', () => {
  const buffer = written({ seq: 1, kind: recordKinds.stdout, offset: 0, payload: [], payloadBytes: 0 });
  buffer.writeUInt32LE(0xff_ff_ff_f8, 0);
  expect(readHead(buffer, 0, buffer.length)).toBeUndefined();
});
