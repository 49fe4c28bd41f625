import { mkdtempDisposable, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EndedLog, type EndedLogFacts } from './ended-log.ts';
import type { ReadEntry, ReadFrom } from './readable-log.ts';
import type { PlainEntry } from './stored-entry.ts';
import { closed, dataOf, drain, event, openLog } from './test-log.ts';

const KIB = 1024;
const at = '2026-11-21T12:00:00.000Z';

interface Ended extends AsyncDisposable {
  readonly folder: string;
  readonly facts: EndedLogFacts;
  readonly output: Buffer;
  /** Segments, oldest first. */
  readonly paths: readonly string[];
}

/** The log of a job that printed so many pieces of 40 KiB, each in a segment of its own, and ended. */
async function endedLog(pieces = 4): Promise<Ended> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'ended-'));
  const folder = join(directory.path, 'log');
  await using opened = await openLog({
    folder,
    retention: { maxBytes: 1024 * KIB },
    now: () => new Date(at),
  });
  const { log } = opened;
  const output = Array.from({ length: pieces }, (_, index) => Buffer.alloc(40 * KIB, String(index)));
  for (const piece of output) log.appendOutput('stdout', [piece]);
  log.append(event);
  log.append(closed);
  const closing: PlainEntry = { ...closed, seq: pieces + 2, at };
  await log.settled();
  const names = (await readdir(folder)).toSorted((one, other) => parseInt(one, 10) - parseInt(other, 10));
  return {
    folder,
    facts: { lastSeq: log.lastSeq, outputBytes: log.outputBytes, closing },
    output: Buffer.concat(output),
    paths: names.map((name) => join(folder, name)),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

async function readAll({ folder, facts }: Ended, from: ReadFrom = { afterSeq: 0 }) {
  const log = await EndedLog.open(folder, facts);
  await using reader = log.reader(from);
  return await drain(reader);
}

test('the log of an ended job is read from its files', async () => {
  await using ended = await endedLog();
  const log = await EndedLog.open(ended.folder, ended.facts);
  const { isClosed, firstSeq, firstOffset, lastSeq, outputBytes } = log;
  expect({ isClosed, firstSeq, firstOffset, lastSeq, outputBytes }).toEqual({
    isClosed: true,
    firstSeq: 1,
    firstOffset: 0,
    lastSeq: 6,
    outputBytes: 160 * KIB,
  });
  await expect(log.changed()).resolves.toBeUndefined();
  const entries = await readAll(ended);
  expect(entries.map(({ type }) => type)).toEqual([
    'output',
    'output',
    'output',
    'output',
    'event',
    'closed',
  ]);
  expect(entries.at(-1)).toEqual(ended.facts.closing);
  expect(dataOf(entries).equals(ended.output)).toBe(true);
});

test('a reader begins anywhere', async () => {
  await using ended = await endedLog();
  for (const afterSeq of [0, 1, 3, 4, 5, 6])
    expect((await readAll(ended, { afterSeq })).map((entry) => ('seq' in entry ? entry.seq : 0))).toEqual(
      [1, 2, 3, 4, 5, 6].filter((seq) => seq > afterSeq),
    );
  for (const offset of [0, 1, 40 * KIB - 1, 40 * KIB, 159 * KIB, 160 * KIB - 1]) {
    const [first] = await readAll(ended, { offset });
    expect(first).toMatchObject({ type: 'output', offset: offset - (offset % (40 * KIB)) });
  }
});

test('a place at or beyond the end is at the end', async () => {
  await using ended = await endedLog();
  expect(await readAll(ended, { afterSeq: 99 })).toEqual([]);
  expect(await readAll(ended, { offset: 160 * KIB })).toEqual([]);
  expect(await readAll(ended, { offset: 999 * KIB })).toEqual([]);
});

test('a log whose files are gone is one gap and its end', async () => {
  await using ended = await endedLog();
  await rm(ended.folder, { recursive: true });
  const { facts } = ended;
  expect(await readAll(ended)).toEqual([
    { type: 'gap', fromSeq: 1, firstSeq: 6, lostBytes: 160 * KIB },
    facts.closing,
  ]);
  expect(await readAll(ended, { afterSeq: 2, afterOffset: 80 * KIB })).toEqual([
    { type: 'gap', fromSeq: 3, firstSeq: 6, lostBytes: 80 * KIB },
    facts.closing,
  ]);
  expect(await readAll(ended, { afterSeq: 5, afterOffset: 160 * KIB })).toEqual([facts.closing]);
  expect(await readAll(ended, { afterSeq: 6 })).toEqual([]);
});

test('a log whose end nobody knows ends with a gap', async () => {
  await using ended = await endedLog();
  await rm(ended.folder, { recursive: true });
  const unknown = { ...ended, facts: { ...ended.facts, closing: undefined } };
  expect(await readAll(unknown)).toEqual([{ type: 'gap', fromSeq: 1, firstSeq: 7, lostBytes: 160 * KIB }]);
});

/** What is wrong with the entries that came from a place. */
function complaints(entries: readonly ReadEntry[], from: ReadFrom, { output, facts }: Ended): unknown[] {
  const wrong: unknown[] = [];
  let seq = 'afterSeq' in from ? from.afterSeq : undefined;
  let offset = 'offset' in from ? undefined : (from.afterOffset ?? 0);
  for (const entry of entries) {
    const first = entry.type === 'gap' ? entry.fromSeq : entry.seq;
    if (first !== (seq ?? (entry.type === 'gap' ? 0 : first - 1)) + 1) wrong.push(entry);
    seq = entry.type === 'gap' ? entry.firstSeq - 1 : first;
    if (entry.type === 'gap') {
      offset = (offset ?? ('offset' in from ? from.offset : 0)) + entry.lostBytes;
    } else if (entry.type === 'output') {
      const end = entry.offset + entry.data.length;
      if (entry.offset !== (offset ?? entry.offset)) wrong.push(entry);
      if (!entry.data.equals(output.subarray(entry.offset, end))) wrong.push(entry);
      offset = end;
    }
  }
  const last = entries.at(-1);
  if (last !== undefined && !isDeepStrictEqual(last, facts.closing))
    wrong.push('it does not end as it should');
  if (last !== undefined && offset !== undefined && offset !== output.length)
    wrong.push(`it ends at ${offset}`);
  return wrong;
}

test('whatever is cut off or wrong, readers get the rest, in order, and the end', async () => {
  const damage = fc.record({
    segment: fc.nat({ max: 3 }),
    place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    kind: fc.constantFrom('cut', 'flip', 'remove'),
  });
  const begin = fc.oneof(
    fc.nat({ max: 7 }).map((afterSeq) => ({ afterSeq, afterOffset: Math.min(afterSeq, 4) * 40 * KIB })),
    fc.nat({ max: 160 * KIB }).map((offset) => ({ offset })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), begin, async (damages, from) => {
      await using ended = await endedLog();
      for (const { segment, place, kind } of damages) {
        const path = ended.paths[segment] ?? '';
        const bytes = await readFile(path).catch(() => Buffer.alloc(0));
        if (bytes.length === 0) continue;
        const where = Math.floor(bytes.length * place);
        if (kind === 'cut') await truncate(path, where);
        if (kind === 'flip') bytes[where] = (bytes[where] ?? 0) ^ 0x40;
        if (kind === 'flip') await writeFile(path, bytes);
        if (kind === 'remove') await rm(path);
      }
      const entries = await readAll(ended, from);
      expect(complaints(entries, from, ended)).toEqual([]);
    }),
    { numRuns: 60, endOnFailure: true },
  );
});
