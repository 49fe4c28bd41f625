import {
  appendFile,
  cp,
  mkdtempDisposable,
  readdir,
  readFile,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReadEntry } from './readable-log.ts';
import { readHead } from './record.ts';
import { recoverLog } from './recover-log.ts';
import { closed, drain, event, openLog, roomySpace, starting } from './test-log.ts';

const KIB = 1024;
const at = '2026-11-21T12:00:00.000Z';
const temporary = () => mkdtempDisposable(join(tmpdir(), 'recover-'));

/** A log in some segments, as a crash may leave it. */
interface CrashedLog extends AsyncDisposable {
  readonly folder: string;
  readonly entries: readonly ReadEntry[];
  /** The last segment: its file, and where each of its records ends. */
  readonly last: { readonly name: string; readonly firstSeq: number; readonly ends: readonly number[] };
}

async function crashedLog(isClosed = false): Promise<CrashedLog> {
  const directory = await temporary();
  await using opened = await openLog({ retention: { maxBytes: 1024 * KIB } });
  const { log, print, folder } = opened;
  log.append(starting);
  log.appendOutput('stdout', [Buffer.alloc(60 * KIB, 'a')]);
  log.appendOutput('stderr', [Buffer.alloc(50 * KIB, 'b')]);
  log.appendOutput('stdout', [Buffer.alloc(50 * KIB, 'c')]);
  print('', 'short', 'eight by');
  log.append(event);
  print('last');
  if (isClosed) log.append(closed);
  await log.settled();
  await using reader = log.reader({ afterSeq: 0 });
  const entries = await drain(reader);
  const copy = join(directory.path, 'log');
  await cp(folder, copy, { recursive: true });
  const name = await lastName(copy);
  const bytes = await readFile(join(copy, name));
  const ends: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const head = readHead(bytes, at, bytes.length);
    if (typeof head !== 'object') throw new Error('the log is not whole');
    at += head.bytes;
    ends.push(at);
  }
  const last = { name, firstSeq: parseInt(name, 10), ends };
  return { folder: copy, entries, last, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

async function lastName(folder: string): Promise<string> {
  const names = await readdir(folder);
  return names.toSorted((one, other) => parseInt(one, 10) - parseInt(other, 10)).at(-1) ?? '';
}

/** Raw bytes of output up to the end of some entries. */
function outputBytes(entries: readonly ReadEntry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.type === 'output' ? entry.data.length : 0), 0);
}

/** An entry with a sum for its data, which is quicker to compare. */
function brief(entry: ReadEntry): object {
  return entry.type === 'output' ? { ...entry, data: crc32(entry.data), bytes: entry.data.length } : entry;
}

/** Recovers a log, goes on with it and reads it all. */
async function recoverAndGoOn(folder: string): Promise<object> {
  const { segments, seq, outputBytes, isClosed } = await recoverLog(folder);
  const sizes = await Promise.all(segments.map(async ({ path }) => (await stat(path)).size));
  const files = (await readdir(folder)).length;
  await using opened = await openLog({
    folder,
    resumeAt: { segments, seq, outputBytes },
    space: roomySpace(0),
    now: () => new Date(at),
  });
  const { log } = opened;
  opened.print('after the crash');
  log.append(event);
  await log.settled();
  await using reader = log.reader({ afterSeq: 0 });
  const entries = (await drain(reader)).map(brief);
  return {
    recovered: { seq, outputBytes, isClosed },
    isCut: segments.every(({ start, end }, index) => end - start === sizes[index]),
    hasOthers: files > segments.length,
    entries,
  };
}

/** What is to come of a log of which so much is whole. */
function wholeUpTo(kept: readonly ReadEntry[]): object {
  const seq = kept.length;
  const offset = outputBytes(kept);
  const data = Buffer.from('after the crash');
  return {
    recovered: { seq, outputBytes: offset, isClosed: false },
    isCut: true,
    hasOthers: false,
    entries: [
      ...kept,
      { type: 'output', seq: seq + 1, offset, stream: 'stdout', data } as const,
      { ...event, seq: seq + 2, at } as const,
    ].map((entry) => brief(entry)),
  };
}

test('wherever a crash has cut the last segment, the longest whole beginning is left', async () => {
  await using crashed = await crashedLog();
  const { folder, entries, last } = crashed;
  const size = last.ends.at(-1) ?? 0;
  const near = [0, ...last.ends].flatMap((end) => [-24, -8, -1, 0, 1, 24].map((by) => end + by));
  const cuts = [...new Set([...near, 1_000, 30_000])].filter((cut) => cut >= 0 && cut <= size);
  for (const cut of cuts) {
    await using directory = await temporary();
    const copy = join(directory.path, 'log');
    await cp(folder, copy, { recursive: true });
    await truncate(join(copy, last.name), cut);
    const whole = last.ends.filter((end) => end <= cut).length;
    expect(await recoverAndGoOn(copy)).toEqual(wholeUpTo(entries.slice(0, last.firstSeq - 1 + whole)));
  }
});

test('whatever byte of the last segment is wrong, what comes before its record is left', async () => {
  await using crashed = await crashedLog();
  const { folder, entries, last } = crashed;
  const size = last.ends.at(-1) ?? 0;
  const place = fc.oneof(
    fc.nat({ max: size - 1 }),
    // Heads are small beside payloads.
    fc
      .tuple(fc.nat({ max: last.ends.length - 2 }), fc.nat({ max: 40 }))
      .map(([index, by]) => Math.min(size - 1, (last.ends[index] ?? 0) + by)),
  );
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (where, change) => {
      await using directory = await temporary();
      const copy = join(directory.path, 'log');
      await cp(folder, copy, { recursive: true });
      const bytes = await readFile(join(copy, last.name));
      bytes[where] = (bytes[where] ?? 0) ^ change;
      await writeFile(join(copy, last.name), bytes);
      const whole = last.ends.filter((end) => end <= where).length;
      expect(await recoverAndGoOn(copy)).toEqual(wholeUpTo(entries.slice(0, last.firstSeq - 1 + whole)));
    }),
    { numRuns: 20, endOnFailure: true },
  );
});

test.each([0x00, 0xff])('a tail that a crash has left full of the byte %i is cut off', async (byte) => {
  for (const bytes of [1, 8, 24, 4096]) {
    await using crashed = await crashedLog();
    await appendFile(join(crashed.folder, crashed.last.name), Buffer.alloc(bytes, byte));
    expect(await recoverAndGoOn(crashed.folder)).toEqual(wholeUpTo(crashed.entries));
  }
});

test('a segment that was only just made is taken away', async () => {
  await using crashed = await crashedLog();
  const { folder, entries } = crashed;
  await writeFile(join(folder, `${entries.length + 1}-${outputBytes(entries)}.log`), '');
  expect(await recoverAndGoOn(folder)).toEqual(wholeUpTo(entries));
});

test('a log that was closed is known to be', async () => {
  await using crashed = await crashedLog(true);
  const { folder, entries } = crashed;
  expect(await recoverLog(folder)).toMatchObject({ seq: entries.length, isClosed: true });
});

test('a log without a folder, or with nothing in it, is empty', async () => {
  await using directory = await temporary();
  const empty = { segments: [], seq: 0, outputBytes: 0, isClosed: false };
  expect(await recoverLog(join(directory.path, 'gone'))).toEqual(empty);
  expect(await recoverLog(directory.path)).toEqual(empty);
});

test('the numbers of what was dropped are not given again when all else is torn', async () => {
  await using directory = await temporary();
  const path = join(directory.path, '5000-123456.log');
  await writeFile(path, 'torn');
  const recovered = await recoverLog(directory.path);
  expect(recovered).toEqual({ segments: [], seq: 4_999, outputBytes: 123_456, isClosed: false });
  await using opened = await openLog({ folder: directory.path, resumeAt: recovered });
  opened.print('on');
  await opened.log.settled();
  expect((await readdir(directory.path)).map((name) => basename(name))).toEqual(['5000-123456.log']);
  await using reader = opened.log.reader({ afterSeq: 0 });
  expect(await drain(reader)).toMatchObject([
    { type: 'gap', fromSeq: 1, firstSeq: 5_000, lostBytes: 123_456 },
    { type: 'output', seq: 5_000, offset: 123_456 },
  ]);
});
