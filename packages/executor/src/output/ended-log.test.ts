import { mkdtempDisposable, readdir, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EndedLog } from './ended-log.ts';
import { OutputLog } from './output-log.ts';

const temporary = () => mkdtempDisposable(join(tmpdir(), 'ended-'));

/** The log of a job that printed three times 100 000 bytes and ended. */
async function writeLog(path: string): Promise<{ lastSeq: number; outputBytes: number }> {
  await using log = new OutputLog({
    path,
    onFault: (fault) => {
      throw fault;
    },
  });
  for (const fill of [1, 2, 3]) log.appendOutput('stdout', Buffer.alloc(100_000, fill));
  log.append({ type: 'closed', outcome: { status: 'succeeded' }, drained: true });
  return { lastSeq: log.lastSeq, outputBytes: log.outputBytes };
}

test('the log of an ended job is read from its file', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  const facts = await writeLog(path);
  await using log = await EndedLog.open(path, facts);
  expect([log.isClosed, log.lastSeq, log.outputBytes]).toEqual([true, 4, 300_000]);
  const cursor = { afterSeq: 1 };
  const first = await log.read(cursor, 150_000);
  const rest = await log.read(cursor, 150_000);
  expect([first, rest].map((page) => page.map(({ seq }) => seq))).toEqual([[2], [3, 4]]);
  expect(await log.read(cursor, 150_000)).toEqual([]);
});

test('the last bytes are found without reading what comes before', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  await using log = await EndedLog.open(path, await writeLog(path));
  expect((await log.read(await log.seek(299_999), 1)).map(({ seq }) => seq)).toEqual([3]);
});

test('a log whose file is gone reads as empty, and leaves no file behind', async () => {
  await using directory = await temporary();
  await using log = await EndedLog.open(join(directory.path, 'gone'), { lastSeq: 4, outputBytes: 10 });
  expect(await log.read({ afterSeq: 0 }, 1_000)).toEqual([]);
  expect(await log.end()).toEqual({ position: 0, seq: 0, outputBytes: 0, isClosed: false });
  expect(await readdir(directory.path)).toEqual([]);
});

test('a reader comes to the end also when entries are lost', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  const facts = await writeLog(path);
  await truncate(path, 150_000);
  await using log = await EndedLog.open(path, facts);
  const cursor = { afterSeq: 0 };
  expect((await log.read(cursor, 1_000_000)).map(({ seq }) => seq)).toEqual([1]);
  expect(await log.read(cursor, 1_000_000)).toEqual([]);
  // Else whoever waits for the last entry would wait for ever.
  expect(cursor.afterSeq).toBe(facts.lastSeq);
});

test('a place beyond the end stays where it is', async () => {
  await using directory = await temporary();
  const path = join(directory.path, 'log');
  await using log = await EndedLog.open(path, await writeLog(path));
  const cursor = { afterSeq: 99 };
  expect(await log.read(cursor, 1_000)).toEqual([]);
  expect(cursor.afterSeq).toBe(99);
});

test('nobody waits for a change', async () => {
  await using log = await EndedLog.open('/no/such/file', { lastSeq: 0, outputBytes: 0 });
  await expect(log.changed()).resolves.toBeUndefined();
});
