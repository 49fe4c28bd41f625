import { mkdtempDisposable, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SpoolFile } from './spool-file.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'spool-'));
const noFault = (fault: Error): void => {
  throw fault;
};
const append = (file: SpoolFile, ...texts: string[]): void => {
  for (const text of texts) file.append([Buffer.from(text)], Buffer.byteLength(text));
};

test('what is appended is in the file, in order', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  await using file = new SpoolFile(path, 0, noFault);
  append(file, 'one ', 'two ');
  file.append([Buffer.from('thr'), Buffer.from('ee')], 5);
  await file.settled();
  expect(await readFile(path, 'utf8')).toBe('one two three');
  expect(file.flushedBytes).toBe(13);
});

test('what is appended while others are written is written too', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  await using file = new SpoolFile(path, 0, noFault);
  for (let round = 0; round < 20; round += 1) {
    append(file, `${round},`);
    await setImmediate();
  }
  await file.settled();
  expect(await readFile(path, 'utf8')).toBe(Array.from({ length: 20 }, (_, index) => `${index},`).join(''));
});

test('more records than one system call takes are all written', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  await using file = new SpoolFile(path, 0, noFault);
  const texts = Array.from({ length: 5_000 }, (_, index) => `${index}\n`);
  append(file, ...texts);
  await file.settled();
  expect(await readFile(path, 'utf8')).toBe(texts.join(''));
});

test('nothing can be read before it is on disk', async () => {
  await using directory = await temporary();
  await using file = new SpoolFile(join(directory.path, 'log'), 0, noFault);
  append(file, 'abc');
  expect(file.flushedBytes).toBe(0);
  expect(await file.read(0, 10)).toEqual(Buffer.alloc(0));
  await file.settled();
  expect(await file.read(0, 10)).toEqual(Buffer.from('abc'));
});

test('a read begins anywhere and ends at what is flushed', async () => {
  await using directory = await temporary();
  await using file = new SpoolFile(join(directory.path, 'log'), 0, noFault);
  append(file, 'abcdef');
  await file.settled();
  expect(String(await file.read(2, 3))).toBe('cde');
  expect(String(await file.read(4, 100))).toBe('ef');
  expect(String(await file.read(6, 100))).toBe('');
  expect(String(await file.read(99, 1))).toBe('');
});

test('a file goes on where an earlier writer ended, over what was torn', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  await writeFile(path, 'whole|torn');
  await using file = new SpoolFile(path, 6, noFault);
  append(file, 'x');
  await file.settled();
  expect(await readFile(path, 'utf8')).toBe('whole|x');
});

test('whoever waits is not kept by what is appended later', async () => {
  await using directory = await temporary();
  await using file = new SpoolFile(join(directory.path, 'log'), 0, noFault);
  append(file, 'first');
  const settled = file.settled().then(() => 'settled');
  // A source that is faster than the disk: something always waits to be written.
  for (let round = 0; round < 20_000; round += 1) {
    append(file, 'more');
    if ((await Promise.race([settled, setImmediate('still waiting')])) === 'settled') return;
  }
  expect(await Promise.race([settled, setImmediate('still waiting')])).toBe('settled');
});

test('the file is readable by its owner only', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  await using file = new SpoolFile(path, 0, noFault);
  append(file, 'x');
  await file.settled();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('too much that waits is congestion, until it is settled', async () => {
  await using directory = await temporary();
  await using file = new SpoolFile(join(directory.path, 'log'), 0, noFault);
  const block = Buffer.alloc(1024 * 1024);
  file.append([block], block.length);
  expect(file.isCongested).toBe(false);
  for (let count = 0; count < 4; count += 1) file.append([block], block.length);
  expect(file.isCongested).toBe(true);
  await file.settled();
  expect(file.isCongested).toBe(false);
  expect(file.flushedBytes).toBe(5 * block.length);
});

test('a path that cannot be written is told once, and nobody waits for it', async () => {
  await using directory = await temporary();
  const faults: Error[] = [];
  await using file = new SpoolFile(join(directory.path, 'missing/log'), 0, (fault) => faults.push(fault));
  append(file, 'a', 'b');
  await file.settled();
  append(file, 'c');
  await file.settled();
  expect(faults).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
  expect([file.flushedBytes, file.isCongested]).toEqual([0, false]);
});

test('a link is not followed', async () => {
  await using directory = await temporary();
  const target = join(directory.path, 'precious');
  await writeFile(target, 'precious');
  const path = join(directory.path, 'log');
  await symlink(target, path);
  const faults: Error[] = [];
  await using file = new SpoolFile(path, 0, (fault) => faults.push(fault));
  append(file, 'x');
  await file.settled();
  expect(faults).toEqual([expect.objectContaining({ code: 'ELOOP' })]);
  expect(await readFile(target, 'utf8')).toBe('precious');
});

test('disposing writes what is pending, and the file can still be read', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  await using file = new SpoolFile(path, 0, noFault);
  append(file, 'last words');
  await file[Symbol.asyncDispose]();
  expect(await readFile(path, 'utf8')).toBe('last words');
  expect(String(await file.read(0, 4))).toBe('last');
});
