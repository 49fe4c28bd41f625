import { appendFile, mkdtempDisposable, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SpoolFile } from './spool-file.ts';
import { SpoolReader, type LogCursor } from './spool-reader.ts';
import { encodeRecord, type StoredEntry } from './stored-entry.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'reader-'));
const noFault = (fault: Error): void => {
  throw fault;
};

/** Entries with so many bytes of output each; an event where it says so. */
function entriesOf(sizes: readonly (number | 'event')[]): StoredEntry[] {
  let offset = 0;
  return sizes.map((size, index): StoredEntry => {
    const seq = index + 1;
    if (size === 'event') {
      return {
        type: 'event',
        seq,
        at: '2026-11-20T10:00:00.000Z',
        event: { type: 'text', text: 'x'.repeat(500) },
      };
    }
    const data = Buffer.alloc(size, seq);
    offset += size;
    return { type: 'output', seq, offset: offset - size, stream: 'stdout', data };
  });
}

/** A reader of a file that holds these entries; `isNoted` as for one that also wrote them. */
async function openReader(
  path: string,
  entries: readonly StoredEntry[],
  isNoted: boolean,
): Promise<{ file: SpoolFile; reader: SpoolReader; bytes: number }> {
  const file = new SpoolFile(path, 0, noFault);
  const reader = new SpoolReader(file);
  let bytes = 0;
  for (const entry of entries) {
    const record = encodeRecord(entry);
    const size = record.reduce((sum, part) => sum + part.length, 0);
    if (isNoted) reader.note(entry, bytes);
    file.append(record, size);
    bytes += size;
  }
  await file.settled();
  return { file, reader, bytes };
}

/** Everything after a cursor, page by page. */
async function readAll(reader: SpoolReader, cursor: LogCursor, maxBytes: number): Promise<StoredEntry[][]> {
  const pages: StoredEntry[][] = [];
  for (;;) {
    const page = await reader.read(cursor, maxBytes);
    if (page.length === 0) return pages;
    pages.push(page);
  }
}

/** An entry in short, so that a failure can be read. */
const brief = (entry: StoredEntry | undefined): unknown =>
  entry?.type === 'output'
    ? { ...entry, data: [entry.data.length, entry.data.equals(Buffer.alloc(entry.data.length, entry.seq))] }
    : entry;

const outputBytes = (entries: readonly StoredEntry[]): number =>
  entries.reduce((sum, entry) => sum + (entry.type === 'output' ? entry.data.length : 0), 0);

const sizes = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 3_000 }) },
    { weight: 3, arbitrary: fc.constant('event' as const) },
    { weight: 2, arbitrary: fc.integer({ min: 40_000, max: 70_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 250_000, max: 600_000 }) },
  ),
  { maxLength: 25 },
);

test('every entry after a cursor comes once and in order, whatever the sizes', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.nat(26),
      fc.integer({ min: 1, max: 400_000 }),
      fc.boolean(),
      async (sizes, afterSeq, maxBytes, isNoted) => {
        await using directory = await temporary();
        const entries = entriesOf(sizes);
        const { file, reader } = await openReader(join(directory.path, 'log'), entries, isNoted);
        await using _ = file;
        const pages = await readAll(reader, { afterSeq }, maxBytes);
        expect(pages.flat().map(brief)).toEqual(entries.filter((entry) => entry.seq > afterSeq).map(brief));
        expect(pages.filter((page) => page.length > 1 && outputBytes(page) > maxBytes)).toEqual([]);
      },
    ),
    { numRuns: 40 },
  );
});

test('a byte of the output is found in its entry, whatever lies between', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.boolean(), async (sizes, place, isNoted) => {
      await using directory = await temporary();
      const entries = entriesOf(sizes);
      const total = outputBytes(entries);
      fc.pre(total > 0);
      const offset = place % total;
      const { file, reader } = await openReader(join(directory.path, 'log'), entries, isNoted);
      await using _ = file;
      // A reader that has read before knows more places.
      if (place % 2 === 0) await readAll(reader, { afterSeq: 0 }, 100_000);
      const [entry] = await reader.read(await reader.seek(offset), 1);
      const holder = entries.find(
        (entry) =>
          entry.type === 'output' && entry.offset <= offset && entry.offset + entry.data.length > offset,
      );
      expect(brief(entry)).toEqual(brief(holder));
    }),
    { numRuns: 40 },
  );
});

test('a byte is found before a long run of events', async () => {
  await using directory = await temporary();
  const events = Array.from({ length: 300 }, () => 'event' as const);
  const entries = entriesOf([50, 60, ...events, 70]);
  const { file, reader } = await openReader(join(directory.path, 'log'), entries, true);
  await using _ = file;
  expect(await reader.seek(55)).toMatchObject({ afterSeq: 1 });
  expect(await reader.seek(110)).toMatchObject({ afterSeq: 302 });
});

test('a byte that was never printed leads to the beginning', async () => {
  await using directory = await temporary();
  const { file, reader } = await openReader(join(directory.path, 'log'), entriesOf([5]), true);
  await using _ = file;
  expect(await reader.seek(5)).toEqual({ afterSeq: 0 });
});

test('the end is that of the last whole record', async () => {
  await using directory = await temporary();
  const entries = entriesOf([100_000, 'event', 300_000, 5]);
  const closed: StoredEntry = {
    type: 'closed',
    seq: 5,
    at: '2026-11-20T10:00:00.000Z',
    outcome: { status: 'succeeded' },
    drained: true,
  };
  const open = await openReader(join(directory.path, 'open'), entries, false);
  await using _ = open.file;
  const position = open.bytes;
  expect(await open.reader.end()).toEqual({ position, seq: 4, outputBytes: 400_005, isClosed: false });
  const ended = await openReader(join(directory.path, 'closed'), [...entries, closed], false);
  await using __ = ended.file;
  expect(await ended.reader.end()).toMatchObject({ seq: 5, outputBytes: 400_005, isClosed: true });
});

test('an empty file has no entries', async () => {
  await using directory = await temporary();
  const { file, reader } = await openReader(join(directory.path, 'log'), [], false);
  await using _ = file;
  expect(await reader.read({ afterSeq: 0 }, 10)).toEqual([]);
  expect(await reader.end()).toEqual({ position: 0, seq: 0, outputBytes: 0, isClosed: false });
});

/** A reader as an executor has it that finds the file after a crash. */
async function reopen(path: string, size: number): Promise<{ file: SpoolFile; reader: SpoolReader }> {
  const file = new SpoolFile(path, size, noFault);
  return { file, reader: new SpoolReader(file) };
}

test('a record that a crash tore is not served, however little is missing', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  const entries = entriesOf([1_000, 'event', 300_000]);
  const { file, bytes } = await openReader(path, entries, false);
  await file[Symbol.asyncDispose]();
  const last = encodeRecord(entries[2] ?? { type: 'state', seq: 3, at: '', state: { status: 'starting' } });
  const lastBytes = Buffer.concat(last).length;
  for (const missing of [1, 100_000, lastBytes - 9, lastBytes - 8, lastBytes - 1]) {
    await truncate(path, bytes - missing);
    const torn = await reopen(path, bytes - missing);
    await using _ = torn.file;
    expect((await torn.reader.read({ afterSeq: 0 }, 1_000_000)).map(brief)).toEqual(
      entries.slice(0, 2).map(brief),
    );
    expect(await torn.reader.end()).toMatchObject({ position: bytes - lastBytes, seq: 2 });
    await torn.file[Symbol.asyncDispose]();
    await truncate(path, 0);
    await appendFile(path, Buffer.concat(entries.flatMap(encodeRecord)));
  }
});

test.each([
  ['zeros, as a power failure leaves them', Buffer.alloc(5_000)],
  ['a header that is no JSON', Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(400_000)])],
  ['a length beyond all bounds', Buffer.alloc(300_000, 0xff)],
])('what follows the last whole record is not served: %s', async (_what, garbage) => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  const entries = entriesOf([1_000, 2_000]);
  const { file, bytes } = await openReader(path, entries, false);
  await file[Symbol.asyncDispose]();
  await appendFile(path, garbage);
  const { file: found, reader } = await reopen(path, bytes + garbage.length);
  await using _ = found;
  expect((await reader.read({ afterSeq: 0 }, 1_000_000)).map(brief)).toEqual(entries.map(brief));
  expect(await reader.end()).toMatchObject({ position: bytes, seq: 2 });
});
