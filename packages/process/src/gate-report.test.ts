import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { fromWaitStatus, readGateReport } from './gate-report.ts';

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

test('the lines are told as they come, however they are cut', async () => {
  const stream = new PassThrough();
  const { pid, begun, exit } = readGateReport(stream);
  stream.write('pid 12');
  stream.write('34\nbegun\nsta');
  expect(await Promise.all([pid, begun])).toEqual([1234, 'begun']);
  stream.end('tus 256\n');
  expect(await exit).toEqual({ code: 1, signal: null });
});

test('a failure is told in the words of the system', async () => {
  const stream = new PassThrough();
  const { begun } = readGateReport(stream);
  stream.end('failed file 13\n');
  expect(await begun).toEqual({ what: 'file', errno: 'EACCES' });
});

test('an end without lines leaves nobody waiting', async () => {
  const stream = new PassThrough();
  const { pid, begun, exit } = readGateReport(stream);
  stream.end();
  expect(await Promise.all([pid, begun, exit])).toEqual([undefined, undefined, undefined]);
});

test('a stream that is destroyed leaves nobody waiting', async () => {
  const stream = new PassThrough();
  const { warden, told, begun } = readGateReport(stream);
  stream.destroy();
  expect(await Promise.all([warden, told, begun])).toEqual([undefined, false, undefined]);
});
