import { mkdtempDisposable, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SegmentWriter } from './segment-writer.ts';
import { segmentPath, type Segment } from './segment.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'writer-'));

/** A segment that begins at a position of its log. */
function segmentAt(folder: string, start: number): Segment {
  const path = segmentPath(folder, start + 1, start);
  const numbers = { firstSeq: start + 1, firstOffset: start, start, end: start, endOffset: start };
  return { path, ...numbers, lines: undefined, openedAtMs: 0 };
}

test('more buffers than one system call takes are all written, in order', async () => {
  await using directory = await temporary();
  await using writer = new SegmentWriter();
  const segment = segmentAt(directory.path, 0);
  const texts = Array.from({ length: 3_000 }, (_, index) => `${index},`);
  const buffers = texts.map((text) => Buffer.from(text));
  await writer.write(segment, 0, buffers);
  expect(await readFile(segment.path, 'utf8')).toBe(texts.join(''));
});

test('each segment has its own file, in which positions of the log count from its start', async () => {
  await using directory = await temporary();
  const folder = join(directory.path, 'made', 'when needed');
  await using writer = new SegmentWriter();
  const [one, other] = [segmentAt(folder, 0), segmentAt(folder, 100)];
  await writer.write(one, 0, [Buffer.from('one')]);
  await writer.write(other, 100, [Buffer.from('oth')]);
  await writer.write(other, 103, [Buffer.from('er')]);
  // As after a disk that was full: what was written in part is written again.
  await writer.write(one, 1, [Buffer.from('NE'), Buffer.alloc(0), Buffer.from('!')]);
  expect([await readFile(one.path, 'utf8'), await readFile(other.path, 'utf8')]).toEqual(['oNE!', 'other']);
});

test('a folder that somebody has removed is made again', async () => {
  await using directory = await temporary();
  const folder = join(directory.path, 'folder');
  await using writer = new SegmentWriter();
  await writer.write(segmentAt(folder, 0), 0, [Buffer.from('gone')]);
  await rm(folder, { recursive: true });
  const segment = segmentAt(folder, 4);
  await writer.write(segment, 4, [Buffer.from('there')]);
  expect(await readFile(segment.path, 'utf8')).toBe('there');
});

test('a writer that was closed opens its file again', async () => {
  await using directory = await temporary();
  const segment = segmentAt(directory.path, 0);
  await using writer = new SegmentWriter();
  await writer.write(segment, 0, [Buffer.from('a')]);
  await writer[Symbol.asyncDispose]();
  await writer.write(segment, 1, [Buffer.from('b')]);
  expect(await readFile(segment.path, 'utf8')).toBe('ab');
});
