import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeRecord,
  encodeRecord,
  type OutputEntry,
  type PlainEntry,
  type StoredEntry,
} from './stored-entry.ts';

const seq = fc.integer({ min: 1, max: 2 ** 40 });
const output: fc.Arbitrary<OutputEntry> = fc.record({
  type: fc.constant('output'),
  seq,
  offset: fc.integer({ min: 0, max: 2 ** 45 }),
  stream: fc.constantFrom('stdout', 'stderr'),
  data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});
const at = fc.constant('2026-11-20T10:00:00.000Z');
const plain: fc.Arbitrary<PlainEntry> = fc.oneof(
  fc.record({ type: fc.constant('state'), seq, at, state: fc.constant({ status: 'starting' }) }),
  fc.record({ type: fc.constant('started'), seq, at, attempt: fc.nat(), pid: fc.nat() }),
  fc.record({
    type: fc.constant('event'),
    seq,
    at,
    event: fc.record({ type: fc.constant('text'), text: fc.string({ unit: 'binary' }) }),
  }),
  fc.record({
    type: fc.constant('closed'),
    seq,
    at,
    outcome: fc.constant({ status: 'succeeded' }),
    drained: fc.boolean(),
  }),
);
const entry: fc.Arbitrary<StoredEntry> = fc.oneof(output, plain);
const encode = (...entries: StoredEntry[]): Buffer => Buffer.concat(entries.flatMap(encodeRecord));

test('an entry comes back as it was, wherever it lies', () => {
  fc.assert(
    fc.property(entry, fc.array(entry, { maxLength: 3 }), (wanted, others) => {
      const before = encode(...others);
      const record = encode(wanted);
      const decoded = decodeRecord(Buffer.concat([before, record, before]), before.length);
      expect(decoded).toEqual({ entry: wanted, size: record.length });
    }),
  );
});

test('a record that is cut off tells how much it needs', () => {
  fc.assert(
    fc.property(entry, fc.nat(), (wanted, cut) => {
      const record = encode(wanted);
      const length = cut % record.length;
      const decoded = decodeRecord(record.subarray(0, length), 0);
      expect(decoded).toEqual({ neededBytes: length < 8 ? 8 : record.length });
    }),
  );
});

test('the payload is kept raw', () => {
  const data = Buffer.from([0x00, 0xff, 0x0a, 0x7b]);
  const record = encode({ type: 'output', seq: 1, offset: 0, stream: 'stdout', data });
  expect(record.subarray(-4)).toEqual(data);
});
