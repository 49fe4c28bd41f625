import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { fixture } from '@cc-executor/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReadEntry } from '../output/readable-log.ts';
import { closed, dataOf, drain, openLog, type TestLog } from '../output/test-log.ts';
import { pump } from './pump.ts';

const KIB = 1024;
const ignore = (): void => undefined;

async function readAll({ log }: TestLog): Promise<ReadEntry[]> {
  await using reader = log.reader({ afterSeq: 0 });
  return await drain(reader);
}

const sizesOf = (entries: readonly ReadEntry[]): number[] =>
  entries.flatMap((entry) => (entry.type === 'output' ? [entry.data.length] : []));

/** Lets everything that is ready to run do so. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until something holds, which others bring about. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test('what a process prints is logged, each entry of whole characters', async () => {
  await using opened = await openLog();
  const child = spawn(process.execPath, [fixture('splits-multibyte.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(Buffer.from(chunk)));
  await pump(child.stdout, 'stdout', opened.log, ignore);
  const entries = await readAll(opened);
  expect(dataOf(entries).equals(Buffer.concat(printed))).toBe(true);
  expect(entries.length).toBeGreaterThan(0);
  expect(opened.log.counts.invalidBytes).toBe(0);
});

test('what comes in one turn of the loop becomes one entry', async () => {
  await using opened = await openLog();
  const source = new PassThrough();
  const done = pump(source, 'stderr', opened.log, ignore);
  for (let count = 0; count < 100; count += 1) source.write(`${count},`);
  await until(() => opened.log.lastSeq > 0);
  source.write('next');
  await until(() => opened.log.lastSeq > 1);
  source.end();
  await done;
  const all = Array.from({ length: 100 }, (_, index) => `${index},`).join('');
  expect(await readAll(opened)).toMatchObject([
    { stream: 'stderr', data: Buffer.from(all) },
    { stream: 'stderr', data: Buffer.from('next') },
  ]);
});

test('entries are no larger than one read of a full pipe and the rest of a character', async () => {
  await using opened = await openLog();
  const source = new PassThrough({ highWaterMark: 1024 * KIB });
  const done = pump(source, 'stdout', opened.log, ignore);
  for (const size of [60, 10, 64, 1, 64, 63, 1, 2].map((kib) => kib * KIB))
    source.write(Buffer.alloc(size, 'x'));
  source.end();
  await done;
  expect(sizesOf(await readAll(opened))).toEqual([60, 10, 64, 1, 64, 64, 2].map((kib) => kib * KIB));
});

test('whatever comes, and however, all of it is logged and told, in order', async () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 5 }),
    fc.string({ unit: 'binary', maxLength: 8 }).map((text) => Buffer.from(text)),
    fc.integer({ min: 0, max: 70 * KIB }).map((bytes) => Buffer.alloc(bytes, 0xf0)),
  );
  const write = fc.record({ chunk, isAlone: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 20 }), async (writes) => {
      await using opened = await openLog();
      const source = new PassThrough({ highWaterMark: 8 * 1024 * KIB });
      const told: Buffer[] = [];
      const done = pump(source, 'stdout', opened.log, (_stream, data) => told.push(Buffer.from(data)));
      for (const { chunk: data, isAlone } of writes) {
        source.write(data);
        if (isAlone) await idle();
      }
      source.end();
      await done;
      const all = Buffer.concat(writes.map(({ chunk: data }) => data));
      const entries = await readAll(opened);
      expect(dataOf(entries).equals(all)).toBe(true);
      expect(Buffer.concat(told).equals(all)).toBe(true);
      expect(Math.max(0, ...sizesOf(entries))).toBeLessThanOrEqual(70 * KIB + 3);
    }),
    { numRuns: 15, endOnFailure: true },
  );
});

test('what is left of a broken character comes at the end', async () => {
  await using opened = await openLog();
  const source = new PassThrough();
  const done = pump(source, 'stderr', opened.log, ignore);
  source.write(Buffer.from([0x61, 0xe6]));
  source.end(Buffer.from([0x97]));
  await done;
  expect(dataOf(await readAll(opened))).toEqual(Buffer.from([0x61, 0xe6, 0x97]));
});

test('each piece is told once it is in the log', async () => {
  await using opened = await openLog();
  const told: unknown[] = [];
  const source = new PassThrough();
  const done = pump(source, 'stderr', opened.log, (stream, data) =>
    told.push([stream, data.toString('latin1'), opened.log.outputBytes]),
  );
  source.write('a');
  await until(() => told.length === 1);
  source.write(Buffer.from([0xe6]));
  await idle();
  source.end('b');
  await done;
  expect(told).toEqual([
    ['stderr', 'a', 1],
    ['stderr', '\u00e6b', 3],
  ]);
});

test('a source that is faster than the disk is paused, and all of it arrives', async () => {
  await using opened = await openLog();
  const chunk = Buffer.alloc(1024 * KIB, 'x');
  const source = Readable.from(Array.from({ length: 12 }, () => chunk));
  let pauses = 0;
  source.on('pause', () => (pauses += 1));
  await pump(source, 'stdout', opened.log, ignore);
  expect(pauses).toBeGreaterThan(0);
  expect(opened.log.outputBytes).toBe(12 * chunk.length);
});

test('sources of a log that blocks stand still until their output is consumed, and then all of it comes', async () => {
  await using opened = await openLog({ retention: { atQuota: 'block', maxBytes: 1024 * KIB } });
  const { log } = opened;
  const consumer = log.join(0);
  const total = 4096 * KIB;
  const streams = ['stdout', 'stderr'] as const;
  const sources = streams.map(() =>
    Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(32 * KIB, 'x'))),
  );
  const done = Promise.all(
    sources.map((source, index) => pump(source, streams[index] ?? 'stdout', log, ignore)),
  );
  await using reader = log.reader({ afterSeq: 0 });
  for (let read = 0; read < total;) {
    await until(() => log.isBlocked || log.outputBytes === total);
    await log.settled();
    await idle();
    const { outputBytes } = log;
    await idle();
    // Nothing more comes of itself, and the log has kept to its quota.
    expect([log.outputBytes, log.firstOffset]).toEqual([outputBytes, expect.any(Number)]);
    expect(log.counts.storedBytes).toBeLessThanOrEqual(1024 * KIB);
    expect(log.firstOffset).toBeLessThanOrEqual(read);
    expect(outputBytes === total || sources.every((source) => source.isPaused() || source.closed)).toBe(true);
    for (const entry of await drain(reader)) {
      expect(entry.type).toBe('output');
      if (entry.type === 'output') read += entry.data.length;
    }
    consumer.consumed(read);
  }
  await done;
  expect(log.outputBytes).toBe(total);
});

test('a source that waits for a follower goes on when the job is being ended', async () => {
  await using opened = await openLog({ retention: { atQuota: 'block', maxBytes: 1024 * KIB } });
  const { log } = opened;
  log.join(0);
  const source = Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(32 * KIB, 'x')));
  const done = pump(source, 'stdout', log, ignore);
  await until(() => log.isBlocked);
  log.release();
  await done;
  expect(log.outputBytes).toBe(2048 * KIB);
});

test('a source whose log takes no more is read to its end', async () => {
  await using opened = await openLog({ retention: { atQuota: 'fail', maxBytes: 1024 * KIB } });
  const source = Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(64 * KIB, 'x')));
  await pump(source, 'stdout', opened.log, ignore);
  expect(opened.faults).toMatchObject([{ code: 'quotaExceeded' }]);
  const late = Readable.from([Buffer.from('late')]);
  opened.log.append(closed);
  await pump(late, 'stdout', opened.log, ignore);
});

test('a source that is cut off ends the pump with what came', async () => {
  await using opened = await openLog();
  const source = new PassThrough();
  const done = pump(source, 'stdout', opened.log, () => source.destroy());
  source.write('before');
  await done;
  expect(dataOf(await readAll(opened)).toString()).toBe('before');
});

test('a source that is cut off while it waits ends the pump too', async () => {
  await using opened = await openLog({ retention: { atQuota: 'block', maxBytes: 1024 * KIB } });
  const { log } = opened;
  log.join(0);
  const source = Readable.from(Array.from({ length: 64 }, () => Buffer.alloc(32 * KIB, 'x')));
  const done = pump(source, 'stdout', log, ignore);
  await until(() => log.isBlocked);
  source.destroy();
  await done;
  expect(log.isBlocked).toBe(true);
});

test('a stream that has closed before anybody read it keeps nobody waiting', async () => {
  await using opened = await openLog();
  const source = Readable.from([]);
  source.resume();
  await once(source, 'close');
  await pump(source, 'stdout', opened.log, ignore);
  expect(await readAll(opened)).toEqual([]);
});
