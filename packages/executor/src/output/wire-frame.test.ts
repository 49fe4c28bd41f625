import type { Encoding } from '@cc-executor/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutputEntry, StoredEntry } from './stored-entry.ts';
import { encodeNotification } from './wire-frame.ts';

const read = (entry: StoredEntry, encoding: Encoding): unknown =>
  JSON.parse(Buffer.from(encodeNotification('j_1', entry, encoding)).toString('utf8'));
const output = (data: Buffer): OutputEntry => ({
  type: 'output',
  seq: 7,
  offset: 100,
  stream: 'stderr',
  data,
});
const notification = (bytes: number, encoding: Encoding, data: string) => ({
  jsonrpc: '2.0',
  method: 'job/output',
  params: { jobId: 'j_1', type: 'output', seq: 7, offset: 100, bytes, stream: 'stderr', encoding, data },
});

test('whatever a program prints arrives as JSON says it, in either encoding', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 200 }).map((value) => Buffer.from(value));
  const raw = fc.uint8Array({ maxLength: 200 }).map((value) => Buffer.from(value));
  fc.assert(
    fc.property(fc.oneof(text, raw), (data) => {
      const { length } = data;
      expect(read(output(data), 'base64')).toEqual(notification(length, 'base64', data.toString('base64')));
      expect(read(output(data), 'utf8')).toEqual(notification(length, 'utf8', data.toString('utf8')));
    }),
  );
});

test('every single byte survives its way', () => {
  const ascii = Buffer.from(Array.from({ length: 128 }, (_, index) => index));
  expect(read(output(ascii), 'utf8')).toEqual(notification(128, 'utf8', ascii.toString('utf8')));
  const all = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  expect(read(output(all), 'base64')).toEqual(notification(256, 'base64', all.toString('base64')));
});

test('bytes that are no UTF-8 become U+FFFD, and are counted as they were', () => {
  const data = Buffer.from([0x67, 0x72, 0xff]);
  expect(read(output(data), 'utf8')).toEqual(notification(3, 'utf8', 'gr\u{fffd}'));
});

test('other entries are sent as they are', () => {
  const entry: StoredEntry = { type: 'started', seq: 1, at: '2026-11-21T12:00:00.000Z', attempt: 1, pid: 5 };
  expect(read(entry, 'utf8')).toEqual({
    jsonrpc: '2.0',
    method: 'job/started',
    params: { jobId: 'j_1', ...entry },
  });
});
