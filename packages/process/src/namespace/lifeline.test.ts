import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { fromWaitStatus, readLifeline } from './lifeline.ts';

test.each([
  [0, { code: 0, signal: null }],
  [1 << 8, { code: 1, signal: null }],
  [143 << 8, { code: 143, signal: null }],
  [255 << 8, { code: 255, signal: null }],
  [15, { code: null, signal: 'SIGTERM' }],
  [2, { code: null, signal: 'SIGINT' }],
  [6, { code: null, signal: 'SIGABRT' }],
  // With a core dump.
  [11 | 0x80, { code: null, signal: 'SIGSEGV' }],
  // A real-time signal.
  [40, { code: 168, signal: null }],
])('wait status %i reads as %j', (status, exit) => {
  expect(fromWaitStatus(status)).toEqual(exit);
});

test('the two lines are told as they come, however they are cut', async () => {
  const stream = new PassThrough();
  const { pid, exit } = readLifeline(stream);
  stream.write('12');
  stream.write('34\n2');
  expect(await pid).toBe(1234);
  stream.end('56\n');
  expect(await exit).toEqual({ code: 1, signal: null });
});

test('an end without lines leaves nobody waiting', async () => {
  const stream = new PassThrough();
  const { pid, exit } = readLifeline(stream);
  stream.end();
  expect(await Promise.all([pid, exit])).toEqual([undefined, undefined]);
});
