import { isDeepStrictEqual } from 'node:util';
import type { Encoding, LogEntry } from '@cc-executor/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FramePool } from './frame-pool.ts';
import type { ReadEntry } from './readable-log.ts';
import type { OutputEntry } from './stored-entry.ts';
import { toWire } from './wire-entry.ts';
import { encodeNotification, type Frame } from './wire-frame.ts';

const pool = new FramePool();
const output = (data: Buffer): OutputEntry => ({
  type: 'output',
  seq: 7,
  offset: 100,
  stream: 'stderr',
  data,
});
const decode = ({ data }: Frame): unknown => JSON.parse(Buffer.from(data).toString('utf8'));

/** What goes over the wire, when memory is used again at once. */
function read(entry: ReadEntry, encoding: Encoding, jobId = 'j_1'): unknown {
  const frame = encodeNotification(jobId, entry, encoding, pool);
  const value = decode(frame);
  frame.release?.();
  return value;
}

const notification = (entry: LogEntry, jobId = 'j_1') => ({
  jsonrpc: '2.0',
  method: `job/${entry.type}`,
  params: { jobId, ...entry },
});

const raw = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: 'binary', maxLength: 300 }).map((value) => Buffer.from(value));
const line = fc.stringMatching(/^[ -~é\n"\\]{0,200}$/u).map((value) => Buffer.from(value));
/** At any place in memory, since what is read lies behind the head of a record. */
const data = fc.tuple(fc.oneof(raw, text, line), fc.nat({ max: 7 })).map(([bytes, by]) => {
  const memory = Buffer.alloc(by + bytes.length, 0xee);
  memory.set(bytes, by);
  return memory.subarray(by);
});

test.each(['utf8', 'base64'] as const)(
  'whatever a program prints arrives under %s as JSON says it',
  (encoding) => {
    fc.assert(
      fc.property(data, (bytes) => {
        const entry = output(bytes);
        expect(read(entry, encoding)).toEqual(notification(toWire(entry, encoding)));
      }),
      { numRuns: 1_000 },
    );
  },
);

test.each(['utf8', 'base64'] as const)('every single byte survives its way under %s', (encoding) => {
  for (let byte = 0; byte < 256; byte += 1) {
    for (let length = 1; length < 9; length += 1) {
      const entry = output(Buffer.alloc(length, byte));
      expect(read(entry, encoding)).toEqual(notification(toWire(entry, encoding)));
    }
  }
});

test('text comes as it is, and bytes that are none are counted', () => {
  const common = { type: 'output', seq: 7, offset: 100, stream: 'stderr' } as const;
  expect(toWire(output(Buffer.from('\u{FEFF}é\u{FFFD}')), 'utf8')).toEqual({
    ...common,
    bytes: 8,
    encoding: 'utf8',
    data: '\u{FEFF}é\u{FFFD}',
  });
  const broken = output(Buffer.from([0x67, 0x72, 0xff, 0xe6, 0x97]));
  expect(toWire(broken, 'utf8')).toEqual({
    ...common,
    bytes: 5,
    encoding: 'utf8',
    invalidBytes: 3,
    data: 'gr\u{FFFD}\u{FFFD}',
  });
  expect(toWire(broken, 'base64')).toEqual({ ...common, bytes: 5, encoding: 'base64', data: 'Z3L/5pc=' });
});

test('every frame that was not given back stays as it was', () => {
  const held = fc.record({
    bytes: fc.integer({ min: 1, max: 100_000 }),
    isBase64: fc.boolean(),
    keeps: fc.nat({ max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(held, { maxLength: 30 }), (all) => {
      const frames: { frame: Frame; expected: unknown; left: number }[] = [];
      const changed: unknown[] = [];
      const giveBack = (isDone: (left: number) => boolean): void => {
        for (const each of frames) {
          if (each.left >= 0 && isDone(each.left)) {
            if (!isDeepStrictEqual(decode(each.frame), each.expected)) changed.push(each.expected);
            each.frame.release?.();
            each.left = 0;
          }
          each.left -= 1;
        }
      };
      for (const [index, { bytes, isBase64, keeps }] of all.entries()) {
        const entry = output(Buffer.alloc(bytes, `${index},`));
        const encoding = isBase64 ? 'base64' : 'utf8';
        const frame = encodeNotification('j_1', entry, encoding, pool);
        frames.push({ frame, expected: notification(toWire(entry, encoding)), left: keeps });
        giveBack((left) => left === 0);
      }
      giveBack(() => true);
      expect(changed).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('a frame that is larger than usual has memory of its own', () => {
  const large = encodeNotification('j_1', output(Buffer.alloc(1024 * 1024, 0x01)), 'utf8', pool);
  large.release?.();
  const small = encodeNotification('j_1', output(Buffer.from('a')), 'utf8', pool);
  expect(Buffer.isBuffer(small.data) && small.data.buffer.byteLength).toBe(96 * 1024);
});

test('a pool gives the same memory again, and no more than it was given', () => {
  const own = new FramePool();
  const one = own.take(1);
  const other = own.take(96 * 1024);
  expect(other === one).toBe(false);
  own.give(one);
  expect([own.take(10) === one, own.take(10) === one]).toEqual([true, false]);
  expect(own.take(96 * 1024 + 1).length).toBe(96 * 1024 + 1);
});

test('other entries are sent as they are', () => {
  const started = { type: 'started', seq: 1, at: '2026-11-21T12:00:00.000Z', attempt: 1, pid: 5 } as const;
  const gap = { type: 'gap', fromSeq: 1, firstSeq: 9, lostBytes: 3 } as const;
  for (const entry of [started, gap]) {
    const frame = encodeNotification('j_1', entry, 'base64', pool);
    expect([decode(frame), frame.release]).toEqual([notification(entry), undefined]);
  }
});

test('any name of a job that a client may choose arrives as it is', () => {
  for (const jobId of ['j_1', 'build.2026-11-21', 'a:b']) {
    const entry = output(Buffer.from('x'));
    expect(read(entry, 'utf8', jobId)).toEqual(notification(toWire(entry, 'utf8'), jobId));
  }
});
