import fc from 'fast-check';
import { expect, test } from 'vitest';
import { follow, idle } from './test-follower.ts';
import { closed, dataOf, event, openLog, roomySpace, starting } from './test-log.ts';

const KIB = 1024;
const whole = Buffer.alloc(64 * KIB, 'x');

test('a follower gets what was, then what comes, and ends with the log', async () => {
  await using opened = await openLog();
  const { log, print } = opened;
  log.append(starting);
  print('a');
  const { run, sent, until, texts, follower } = follow(log);
  const done = run();
  await until(2);
  print('b');
  await until(3);
  print('c');
  log.append(closed);
  expect(await done).toBe('ended');
  expect(texts()).toEqual(['state', 'a', 'b', 'c', 'closed']);
  expect(sent).toMatchObject([1, 2, 3, 4, 5].map((seq) => ({ seq })));
  expect(follower.place).toEqual({ afterSeq: 5, afterOffset: 3 });
});

test('a follower begins after the entry that it names, or at the end', async () => {
  await using opened = await openLog();
  opened.print('a', 'b', 'c');
  const late = follow(opened.log, { afterSeq: 2 });
  const end = follow(opened.log, { afterSeq: 3 });
  const done = [late.run(), end.run()];
  await late.until(1);
  opened.log.append(closed);
  expect(await Promise.all(done)).toEqual(['ended', 'ended']);
  expect([late.texts(), end.texts()]).toEqual([['c', 'closed'], ['closed']]);
});

test('a log that is closed is sent to its end', async () => {
  await using opened = await openLog();
  opened.print('a');
  opened.log.append(closed);
  const { run, texts } = follow(opened.log);
  expect(await run()).toBe('ended');
  expect(texts()).toEqual(['a', 'closed']);
});

test.each<[include: ('output' | 'event')[], texts: string[]]>([
  [[], ['state', 'closed']],
  [['output'], ['state', 'a', 'closed']],
  [['event'], ['state', 'event', 'closed']],
  [
    ['output', 'event'],
    ['state', 'a', 'event', 'closed'],
  ],
])('a follower that asks for %j gets %j, and passes over the rest at no cost', async (include, texts) => {
  await using opened = await openLog();
  opened.log.append(starting);
  opened.print('a');
  opened.log.append(event);
  opened.log.append(closed);
  const followed = follow(opened.log, { include, creditBytes: 1 });
  await followed.run();
  expect(followed.texts()).toEqual(texts);
  expect(followed.follower.creditBytes).toBe(include.includes('output') ? 0 : 1);
  expect(followed.consumed.at(-1)).toBe(include.includes('output') ? 0 : 1);
});

test('credit may be overdrawn by one entry, and nothing overtakes what waits for more', async () => {
  await using opened = await openLog();
  opened.print('aaaaaa', 'bbbbbb', 'cccccc');
  opened.log.append(closed);
  const { follower, run, texts, consumed } = follow(opened.log, { creditBytes: 10 });
  const done = run();
  await idle();
  expect([texts(), follower.creditBytes, follower.place.afterSeq]).toEqual([['aaaaaa', 'bbbbbb'], -2, 2]);
  follower.grant(2);
  await idle();
  expect([texts().length, follower.creditBytes]).toEqual([2, 0]);
  follower.grant(1);
  await done;
  expect(texts()).toEqual(['aaaaaa', 'bbbbbb', 'cccccc', 'closed']);
  // Only what was granted anew has been consumed.
  expect(consumed.at(-1)).toBe(3);
});

test('with no credit everything but output still comes', async () => {
  await using opened = await openLog();
  opened.log.append(starting);
  opened.log.append(event);
  opened.log.append(closed);
  const { run, texts } = follow(opened.log, { creditBytes: 0 });
  await run();
  expect(texts()).toEqual(['state', 'event', 'closed']);
});

test('what a client says it has consumed is told, and never more than was sent', async () => {
  await using opened = await openLog();
  opened.print('aaaa', 'bbbb');
  const { follower, run, until, consumed, sentUpTo } = follow(opened.log, { creditBytes: 100 });
  const done = run();
  await until(2);
  await idle();
  expect([consumed, sentUpTo]).toEqual([[0], [4, 8]]);
  follower.grant(4);
  follower.grant(3);
  follower.grant(1_000);
  expect(consumed).toEqual([0, 4, 7, 8]);
  opened.log.append(closed);
  await done;
  expect(consumed.at(-1)).toBe(8);
});

test('what is sent without end of credit counts as consumed', async () => {
  await using opened = await openLog();
  const { run, until, consumed } = follow(opened.log, { creditBytes: Number.POSITIVE_INFINITY });
  const done = run();
  opened.print('aaaa', 'bbbb');
  await until(2);
  expect(consumed.slice(-2)).toEqual([4, 8]);
  opened.log.append(closed);
  await done;
});

test('nothing is sent while the sink takes nothing', async () => {
  await using opened = await openLog();
  opened.print('a', 'b', 'c');
  const { run, sent, shut, open, until } = follow(opened.log);
  shut();
  const done = run();
  await idle();
  expect(sent).toEqual([]);
  open();
  await until(3);
  shut();
  opened.log.append(closed);
  await idle();
  expect(sent).toHaveLength(3);
  open();
  expect(await done).toBe('ended');
  expect(sent).toHaveLength(4);
});

test('a slow follower does not hold up a fast one', async () => {
  await using opened = await openLog({ space: roomySpace(0) });
  const slow = follow(opened.log, { creditBytes: 1 });
  const fast = follow(opened.log);
  const done = [slow.run(), fast.run()];
  opened.print('a', 'b', 'c');
  opened.log.append(closed);
  await done[1];
  expect([fast.sent.length, slow.sent.length]).toEqual([4, 1]);
  slow.follower.grant(100);
  await done[0];
  expect(slow.sent).toEqual(fast.sent);
});

test('what was dropped comes as a gap, counts as consumed and costs no credit', async () => {
  await using opened = await openLog({ space: roomySpace(0), retention: { maxBytes: 1024 * KIB } });
  const { log } = opened;
  for (let count = 0; count < 40; count += 1) {
    log.appendOutput('stdout', [whole]);
    await log.settled();
  }
  log.append(closed);
  const lostBytes = log.firstOffset;
  const { run, sent, consumed, follower } = follow(log, { creditBytes: 4096 * KIB });
  expect(await run()).toBe('ended');
  expect(sent[0]).toEqual({ type: 'gap', fromSeq: 1, firstSeq: log.firstSeq, lostBytes });
  expect(sent.slice(1)).toMatchObject(
    Array.from({ length: 42 - log.firstSeq }, (_, index) => ({ seq: log.firstSeq + index })),
  );
  expect(follower.creditBytes).toBe(4096 * KIB - (log.outputBytes - lostBytes));
  expect([consumed[0], consumed.at(-1)]).toEqual([lostBytes, lostBytes]);
});

test('whatever is printed, granted and held back, all bytes come in order and all are consumed', async () => {
  const step = fc.oneof(
    fc.record({ print: fc.integer({ min: 1, max: 64 * KIB }) }),
    fc.record({ grant: fc.integer({ min: 1, max: 100_000 }) }),
    fc.record({ turns: fc.integer({ min: 0, max: 3 }) }),
    fc.constantFrom('shut' as const, 'open' as const, 'settle' as const),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(0, 4096, 1024 ** 3),
      async (steps, memoryBytes) => {
        await using opened = await openLog({ space: roomySpace(memoryBytes) });
        const { log } = opened;
        const { follower, run, sent, consumed, shut, open } = follow(log, { creditBytes: 0 });
        const done = run();
        const printed: Buffer[] = [];
        let granted = 0;
        const sentBytes = (): number => dataOf(sent).length;
        for (const each of steps) {
          if (each === 'shut') shut();
          else if (each === 'open') open();
          else if (each === 'settle') await log.settled();
          else if ('print' in each) {
            const data = Buffer.alloc(each.print, String(printed.length));
            printed.push(data);
            log.appendOutput('stdout', [data]);
          } else if ('grant' in each) {
            granted += each.grant;
            follower.grant(each.grant);
          } else
            for (let count = 0; count < each.turns; count += 1)
              await new Promise((resolve) => setImmediate(resolve));
          expect(follower.creditBytes).toBe(granted - sentBytes());
          expect(sentBytes() - granted).toBeLessThan(64 * KIB);
          expect(consumed.at(-1) ?? 0).toBeLessThanOrEqual(Math.min(granted, sentBytes()));
        }
        log.append(closed);
        open();
        const all = Buffer.concat(printed);
        follower.grant(all.length);
        expect(await done).toBe('ended');
        expect(dataOf(sent).equals(all)).toBe(true);
        expect(sent.at(-1)?.type).toBe('closed');
      },
    ),
    { numRuns: 30, endOnFailure: true },
  );
});
