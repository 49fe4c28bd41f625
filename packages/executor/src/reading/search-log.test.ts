import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeLog } from './fake-log.ts';
import { searchLog, type SearchResult } from './search-log.ts';

const { signal } = new AbortController();
const query = { text: 'needle', contextLines: 0, maxMatches: 50 };
const offsets = ({ matches }: SearchResult) => matches.map(({ offset }) => offset);

test('lines go by the bytes of both streams as they came, or by those of one', async () => {
  const log = new FakeLog().print('one nee').print('!\n', 'stderr').change().print('dle\n');
  expect(offsets(await searchLog(log, query, signal))).toEqual([]);
  const { matches } = await searchLog(log, { ...query, stream: 'stdout' }, signal);
  expect(matches).toEqual([{ offset: 0, line: 'one needle', before: [], after: [] }]);
});

test('searching on finds each line once, whatever the bounds', async () => {
  const unit = fc.constantFrom('needle', 'need', 'le', 'é', '\n', '\n', '\r\n', 'some more');
  const entry = fc.record({
    units: fc.array(unit, { maxLength: 4 }),
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 40 }),
      fc.constantFrom(undefined, 'stdout' as const, 'stderr' as const),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 12, max: 400 }),
      async (entries, stream, maxMatches, maxReadBytes) => {
        const log = new FakeLog();
        for (const { units, stream: to } of entries) if (units.length > 0) log.print(units.join(''), to);
        log.close();
        const found: number[] = [];
        const wanted = { ...query, stream, maxMatches };
        for (let offset = 0, isComplete = false; !isComplete;) {
          const result = await searchLog(log, { ...wanted, offset }, signal, maxReadBytes);
          expect(result.nextOffset > offset || result.isComplete).toBe(true);
          found.push(...offsets(result));
          ({ nextOffset: offset, isComplete } = result);
        }
        const isOurs = (name: string) => stream === undefined || name === stream;
        const text = entries.map(({ units, stream: name }) => (isOurs(name) ? units.join('') : '')).join('');
        const lines = text.split('\n').filter((line) => line.includes('needle'));
        const longest = Math.max(0, ...text.split('\n').map((line) => Buffer.byteLength(line)));
        // A line that is longer than one search is searched in parts.
        const isOnce = log.outputBytes < maxReadBytes || (stream === undefined && longest < maxReadBytes);
        expect(isOnce ? found.length - lines.length : 0).toBe(0);
      },
    ),
    { numRuns: 500 },
  );
});

test('one search reads so much and no more, and the next goes on where it stopped', async () => {
  const log = new FakeLog();
  for (let index = 0; index < 100; index += 1) log.print(`line ${String(index).padStart(3)}\n`);
  log.print('needle\n').close();
  const first = await searchLog(log, query, signal, 500);
  expect(first).toEqual({ matches: [], fromOffset: 0, nextOffset: 504, isComplete: false });
  expect(log.readBytes).toBe(504);
  const last = await searchLog(log, { ...query, offset: 504 }, signal);
  expect([offsets(last), last.isComplete]).toEqual([[900], true]);
});

test('a match that lies across the end of one search in a long line is found', async () => {
  const log = new FakeLog().print('x'.repeat(100)).print('nee').print('dle').print('x'.repeat(100)).close();
  const first = await searchLog(log, query, signal, 103);
  expect(first).toEqual({ matches: [], fromOffset: 0, nextOffset: 98, isComplete: false });
  const second = await searchLog(log, { ...query, offset: first.nextOffset }, signal, 103);
  expect([offsets(second), second.nextOffset]).toEqual([[98], 206]);
});

test('an open line of a live log is searched, and again when it may have grown into a match', async () => {
  const log = new FakeLog().print('one\nneed');
  const first = await searchLog(log, query, signal);
  expect(first).toEqual({ matches: [], fromOffset: 0, nextOffset: 4, isComplete: true });
  log.print('le two');
  const second = await searchLog(log, { ...query, offset: first.nextOffset }, signal);
  expect([offsets(second), second.nextOffset, second.isComplete]).toEqual([[4], 14, true]);
});

test('what is no longer there is not searched, and the answer says so', async () => {
  const log = new FakeLog().print('needle 1\n').print('needle 2\n').print('needle 3\n').drop(2);
  const result = await searchLog(log, query, signal);
  expect([offsets(result), result.fromOffset]).toEqual([[18], 18]);
});

test('what is dropped while it is about to be read is left out, and the answer says so', async () => {
  const log = new FakeLog().print('needle 1\n').print('needle 2\n').print('needle 3\n');
  log.onLoad = () => {
    if (log.firstSeq === 1) log.drop(1);
  };
  const atFirst = await searchLog(log, query, signal);
  expect([offsets(atFirst), atFirst.fromOffset, atFirst.isComplete]).toEqual([[9, 18], 9, true]);
});

test('what is dropped amid a search ends it there', async () => {
  const log = new FakeLog().print('needle 1\n').print('needle 2\n').print('needle 3\n');
  log.onLoad = ({ seq }) => {
    if (seq === 2) log.drop(2);
  };
  const first = await searchLog(log, query, signal);
  expect([offsets(first), first.nextOffset, first.isComplete]).toEqual([[0], 9, false]);
  log.onLoad = () => undefined;
  const second = await searchLog(log, { ...query, offset: first.nextOffset }, signal);
  expect([offsets(second), second.fromOffset, second.isComplete]).toEqual([[18], 18, true]);
});

test('what is printed meanwhile is left for the next search', async () => {
  const log = new FakeLog().print('needle\n');
  log.onLoad = () => {
    if (log.lastSeq < 1_000) log.print('needle\n');
  };
  const first = await searchLog(log, query, signal);
  expect([offsets(first), first.nextOffset, first.isComplete]).toEqual([[0], 7, true]);
});
