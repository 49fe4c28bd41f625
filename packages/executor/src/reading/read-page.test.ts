import type { LogEntry } from '@cc-executor/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAfter } from './character-cut.ts';
import { FakeLog } from './fake-log.ts';
import { readPage, type PageQuery } from './read-page.ts';

const { signal } = new AbortController();
const all: PageQuery = { maxBytes: 1_000_000, encoding: 'utf8', include: new Set(['output']) };
const now = { deadline: AbortSignal.abort(), signal };
const read = (log: FakeLog, query: Partial<PageQuery>) => readPage(log, { ...all, ...query }, now);
const texts = ({ entries }: { entries: LogEntry[] }) =>
  entries.flatMap((entry) => (entry.type === 'output' ? [entry.data] : []));
const text = (page: { entries: LogEntry[] }) => texts(page).join('');
const places = ({ entries }: { entries: LogEntry[] }) =>
  entries.flatMap((entry) => (entry.type === 'output' ? [[entry.seq, entry.offset, entry.bytes]] : []));

function threeLines(): FakeLog {
  return new FakeLog().change().print('one\ntw').print('o\nthr', 'stderr').print('ee').close();
}

test('by sequence, entries come whole, and at least one', async () => {
  const log = threeLines();
  const page = await read(log, { maxBytes: 3 });
  expect([texts(page), page.nextAfterSeq, page.nextOffset, page.atEnd]).toEqual([['one\ntw'], 2, 6, false]);
  const next = await read(log, { afterSeq: 2, maxBytes: 7 });
  expect([texts(next), next.nextAfterSeq, next.nextOffset]).toEqual([['o\nthr', 'ee'], 4, 13]);
  const last = await read(log, { afterSeq: 4 });
  expect([last.entries.map(({ type }) => type), last.atEnd]).toEqual([['closed'], true]);
});

test('by offset, output begins exactly there and ends where the bytes do', async () => {
  const page = await read(threeLines(), { offset: 4, maxBytes: 4 });
  expect([texts(page), places(page)]).toEqual([
    ['tw', 'o\n'],
    [
      [2, 4, 2],
      [3, 6, 2],
    ],
  ]);
  expect([page.nextAfterSeq, page.nextOffset]).toEqual([2, 8]);
});

test('from the end, output begins exactly so many bytes or lines before it', async () => {
  const log = threeLines();
  expect(text(await read(log, { tailBytes: 6 }))).toBe('\nthree');
  expect(text(await read(log, { tailBytes: 99 }))).toBe('one\ntwo\nthree');
  expect(text(await read(log, { tailLines: 1 }))).toBe('three');
  expect(text(await read(log, { tailLines: 2 }))).toBe('two\nthree');
  expect(text(await read(log, { tailLines: 9 }))).toBe('one\ntwo\nthree');
  expect(text(await read(log, { tailLines: 2, maxBytes: 7 }))).toBe('o\nthree');
  expect(text(await read(log, { tailLines: 1, stream: 'stderr' }))).toBe('thr');
  expect(text(await read(log, { tailLines: 9, maxLines: 1 }))).toBe('one\n');
});

test('lines of one stream are found behind much of the other', async () => {
  const log = new FakeLog().print('first\nlast\n', 'stderr').print('x'.repeat(5_000)).close();
  const page = await read(log, { tailLines: 1, stream: 'stderr', maxBytes: 100 });
  expect([texts(page), places(page)]).toEqual([['last\n'], [[1, 6, 5]]]);
});

test('after so many lines it stops, and the rest of the entry is for the next page', async () => {
  const log = threeLines();
  const page = await read(log, { maxLines: 2 });
  expect([text(page), page.nextAfterSeq, page.nextOffset]).toEqual(['one\ntwo\n', 2, 8]);
  expect(text(await read(log, { offset: page.nextOffset }))).toBe('three');
});

test('utf8 is cut only between characters, and a page is never empty for want of room', async () => {
  const log = new FakeLog().print('a€€').close();
  expect(texts(await read(log, { offset: 2 }))).toEqual(['€']);
  expect(texts(await read(log, { offset: 0, maxBytes: 6 }))).toEqual(['a€']);
  expect(texts(await read(log, { offset: 1, maxBytes: 1 }))).toEqual(['€']);
  expect(texts(await read(log, { offset: 2, maxBytes: 3, encoding: 'base64' }))).toEqual([
    Buffer.from([0x82, 0xac, 0xe2]).toString('base64'),
  ]);
});

/** Where reading at a byte begins. */
function cutIn(entries: readonly Buffer[], from: number, encoding: 'utf8' | 'base64'): number {
  let end = 0;
  for (const bytes of entries) {
    end += bytes.length;
    if (from < end)
      return encoding === 'base64' ? from : end - bytes.length + cutAfter(bytes, bytes.length - end + from);
  }
  return end;
}

/** The output from a byte on, as it comes out of the encoding. */
function expected(entries: readonly Buffer[], from: number, encoding: 'utf8' | 'base64'): Buffer {
  const rest: Buffer[] = [];
  let end = 0;
  for (const bytes of entries) {
    end += bytes.length;
    const begin = Math.max(0, cutIn(entries, from, encoding) - end + bytes.length);
    rest.push(encoding === 'base64' ? bytes.subarray(begin) : Buffer.from(bytes.toString('utf8', begin)));
  }
  return Buffer.concat(rest);
}

test('whatever the bytes and the bounds, the pages together are all of it', async () => {
  const unit = fc.constantFrom(
    'a',
    'é',
    '€',
    '😀',
    '\n',
    '\0',
    Buffer.of(0xff),
    Buffer.of(0xe2, 0x82),
    '\r\n',
  );
  const entry = fc.array(unit, { minLength: 1, maxLength: 8 });
  const bound = fc.record({
    maxBytes: fc.integer({ min: 1, max: 30 }),
    maxLines: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 12 }), bound, fc.nat(40), async (entries, bounds, from) => {
      const log = new FakeLog();
      const whole = entries.map((units) => Buffer.concat(units.map((part) => Buffer.from(part))));
      for (const bytes of whole) log.print(bytes);
      log.close();
      const begin = Math.min(from, log.outputBytes);
      for (const encoding of ['utf8', 'base64'] as const) {
        const pieces: string[] = [];
        const holes: number[] = [];
        let [offset, told] = [begin, cutIn(whole, begin, encoding)];
        for (let atEnd = false; !atEnd;) {
          const page = await read(log, { ...bounds, encoding, offset });
          pieces.push(...texts(page));
          for (const [, at = 0, bytes = 0] of places(page)) {
            if (at !== told) holes.push(at);
            told = at + bytes;
          }
          ({ nextOffset: offset, atEnd } = page);
        }
        expect([holes, told, offset]).toEqual([[], log.outputBytes, log.outputBytes]);
        const bytes = pieces.map((piece) => Buffer.from(piece, encoding));
        expect(Buffer.concat(bytes)).toEqual(expected(whole, begin, encoding));
      }
    }),
    { numRuns: 300 },
  );
});

test('the last lines are those that a plain look from the end finds', async () => {
  const entry = fc.record({
    text: fc.array(fc.constantFrom('a', 'bb', '\n', '\r\n'), { minLength: 1, maxLength: 5 }),
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 20 }),
      fc.constantFrom(undefined, 'stdout' as const, 'stderr' as const),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 60 }),
      async (entries, stream, tailLines, maxBytes) => {
        const log = new FakeLog();
        for (const { text: units, stream: to } of entries) log.print(units.join(''), to);
        log.close();
        const wanted = entries.filter(({ stream: name }) => stream === undefined || name === stream);
        const whole = wanted.map(({ text: units }) => units.join('')).join('');
        const last =
          whole
            .match(/[^\n]*\n|[^\n]+$/g)
            ?.slice(-tailLines)
            .join('') ?? '';
        expect(text(await read(log, { tailLines, maxBytes, stream }))).toBe(last.slice(-maxBytes));
      },
    ),
    { numRuns: 500 },
  );
});

test('what is no longer there is a gap', async () => {
  const log = threeLines().drop(2);
  const gap = { type: 'gap', fromSeq: 1, firstSeq: 3, lostBytes: 6 };
  expect((await read(log, {})).entries[0]).toEqual(gap);
  expect((await read(log, { offset: 4 })).entries[0]).toEqual({ ...gap, fromSeq: 2, lostBytes: 2 });
  expect((await read(log, { tailLines: 3 })).entries[0]).toEqual(gap);
  expect(text(await read(log, { tailLines: 1 }))).toBe('three');
});

test('a page without an entry waits for one, and passes over what is not wanted', async () => {
  const log = new FakeLog().print('one', 'stdout');
  const wait = { deadline: AbortSignal.timeout(60_000), signal };
  const page = readPage(log, { ...all, stream: 'stderr' }, wait);
  for (const more of ['two', 'three']) setImmediate(() => log.print(more));
  setImmediate(() => log.print('four', 'stderr'));
  expect([texts(await page), (await page).nextAfterSeq]).toEqual([['four'], 4]);
});

test('of a job that floods no more is read than there was', async () => {
  const log = new FakeLog().print('first\n');
  log.onLoad = () => {
    if (log.lastSeq < 10_000) log.print('more\n');
  };
  expect(texts(await read(log, {}))).toEqual(['first\n']);
  const tail = await read(log, { tailLines: 1 });
  expect(texts(tail)).toEqual(['more\n']);
  expect(texts(await read(log, { stream: 'stderr' }))).toEqual([]);
});

test('others run while much is read', async () => {
  const log = new FakeLog();
  for (let index = 0; index < 200_000; index += 1) log.print('some words and a line end\n');
  log.close();
  let turns = 0;
  const count = (): void => {
    turns += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  await read(log, { stream: 'stderr' });
  clearImmediate(timer);
  expect(turns).toBeGreaterThan(1);
});
