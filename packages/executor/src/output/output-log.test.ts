import { expect, test } from 'vitest';
import { recoverLog } from './recover-log.ts';
import { closed, dataOf, drain, event, openLog, roomySpace, starting } from './test-log.ts';

const KIB = 1024;

test('entries are numbered and dated in the order in which they come, and output is placed', async () => {
  const at = '2026-11-21T12:00:00.000Z';
  await using opened = await openLog({ now: () => new Date(at) });
  const { log } = opened;
  expect([log.firstSeq, log.lastSeq, log.firstOffset, log.outputBytes]).toEqual([1, 0, 0, 0]);
  log.append(starting);
  log.appendOutput('stdout', [Buffer.from('on'), Buffer.from('e')]);
  log.appendOutput('stderr', [Buffer.from('two')]);
  log.append(closed);
  await using reader = log.reader({ afterSeq: 0 });
  expect(await drain(reader)).toEqual([
    { ...starting, seq: 1, at },
    { type: 'output', seq: 2, offset: 0, stream: 'stdout', data: Buffer.from('one') },
    { type: 'output', seq: 3, offset: 3, stream: 'stderr', data: Buffer.from('two') },
    { ...closed, seq: 4, at },
  ]);
  expect([log.firstSeq, log.lastSeq, log.firstOffset, log.outputBytes]).toEqual([1, 4, 0, 6]);
});

test('a closed log takes nothing more', async () => {
  await using opened = await openLog();
  const { log, print } = opened;
  log.append(closed);
  expect(log.isClosed).toBe(true);
  log.append(event);
  log.append(closed);
  print('late');
  expect([log.lastSeq, log.outputBytes]).toEqual([1, 0]);
});

test('nothing makes no entry', async () => {
  await using opened = await openLog();
  opened.log.appendOutput('stdout', []);
  opened.print('');
  expect(opened.log.lastSeq).toBe(0);
});

test('an entry that is larger than a segment is kept whole', async () => {
  await using opened = await openLog({ space: roomySpace(0), retention: { maxBytes: 1024 * KIB } });
  const { log } = opened;
  const text = 'x'.repeat(700 * KIB);
  log.append({ type: 'event', event: { type: 'text', text } });
  opened.print('after');
  await log.settled();
  await using reader = log.reader({ afterSeq: 0 });
  expect(await drain(reader)).toMatchObject([{ event: { text } }, { type: 'output' }]);
});

test('whoever waits for a change wakes when something comes or the wait is over', async () => {
  await using opened = await openLog();
  const { log, print } = opened;
  const printed = log.changed();
  print('a');
  await expect(printed).resolves.toBeUndefined();
  const appended = log.changed();
  log.append(event);
  await expect(appended).resolves.toBeUndefined();
  await expect(log.changed(AbortSignal.abort())).resolves.toBeUndefined();
  const stop = new AbortController();
  const stopped = log.changed(stop.signal);
  stop.abort();
  await expect(stopped).resolves.toBeUndefined();
});

test('bytes that are no UTF-8 are counted, also without a reader', async () => {
  await using opened = await openLog();
  const { log } = opened;
  log.appendOutput('stdout', [Buffer.from('good \u{FFFD} é')]);
  log.appendOutput('stderr', [Buffer.from([0x61, 0xff, 0xfe])]);
  expect(log.counts.invalidBytes).toBe(2);
});

test.each([1, 4, 64])(
  'with a quota of %i MiB the source is to stop when the disk is behind, and then goes on',
  async (mib) => {
    await using opened = await openLog({ retention: { maxBytes: mib * 1024 * KIB } });
    const { log } = opened;
    let bytes = 0;
    for (; !log.isFull; bytes += 32 * KIB) log.appendOutput('stdout', [Buffer.alloc(32 * KIB)]);
    expect(bytes).toBeLessThanOrEqual(2048 * KIB + 32 * KIB);
    // Beside one more read of each stream it fits into what is left of the quota.
    expect(bytes).toBeLessThanOrEqual((mib * 1024 * KIB) / 4);
    await log.ready();
    expect(log.isFull).toBe(false);
  },
);

test('a log on loan can be read when the job is over, until the last loan is', async () => {
  const space = roomySpace();
  await using opened = await openLog({ space });
  const { log, print } = opened;
  print('a');
  const one = log.lend();
  const other = log.lend();
  await log[Symbol.asyncDispose]();
  await one[Symbol.asyncDispose]();
  await one[Symbol.asyncDispose]();
  expect(space.memory.usedBytes).toBeGreaterThan(0);
  await using reader = other.log.reader({ afterSeq: 0 });
  expect(dataOf(await drain(reader)).toString()).toBe('a');
  await other[Symbol.asyncDispose]();
  expect(space.memory.usedBytes).toBe(0);
  await log.unused;
});

test('a log that is over drops nothing any more: its files are those of an ended job', async () => {
  const space = roomySpace(0, 1024 * KIB);
  await using opened = await openLog({ space, retention: { atQuota: 'block', maxBytes: 4096 * KIB } });
  const { log } = opened;
  const consumer = log.join(0);
  await using _loan = log.lend();
  for (let count = 0; count < 8; count += 1) log.appendOutput('stdout', [Buffer.alloc(64 * KIB)]);
  await log[Symbol.asyncDispose]();
  const { storedBytes } = log.counts;
  space.changeDisk(1024 * KIB);
  consumer.consumed(log.outputBytes);
  consumer.leave(false);
  expect([log.counts.storedBytes, log.firstSeq]).toEqual([storedBytes, 1]);
});

test('a log that goes on after a crash numbers and places what comes after what there was', async () => {
  const before = await openLog({ retention: { maxBytes: 1024 * KIB } });
  await using _before = before;
  const { folder } = before;
  const whole = Buffer.alloc(64 * KIB, 'x');
  for (let count = 0; count < 30; count += 1) {
    before.log.appendOutput('stdout', [whole]);
    await before.log.settled();
  }
  const { firstSeq, firstOffset } = before.log;
  const resumeAt = await recoverLog(folder);
  await using opened = await openLog({
    folder,
    resumeAt,
    space: roomySpace(0),
    retention: { maxBytes: 1024 * KIB },
  });
  const { log } = opened;
  expect([log.firstSeq, log.firstOffset, log.lastSeq]).toEqual([firstSeq, firstOffset, 30]);
  // What is there already counts towards the quota, and is dropped first.
  for (let count = 0; count < 4; count += 1) {
    log.appendOutput('stdout', [whole]);
    await log.settled();
  }
  expect(log.firstSeq).toBeGreaterThan(firstSeq);
  expect(log.counts.storedBytes).toBeLessThanOrEqual(1024 * KIB);
  await using reader = log.reader({ afterSeq: log.firstSeq - 1 });
  const entries = await drain(reader);
  expect(dataOf(entries).length).toBe(log.outputBytes - log.firstOffset);
  expect(entries.at(-1)).toMatchObject({ seq: 34, offset: 33 * 64 * KIB });
});
