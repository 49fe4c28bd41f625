import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { fixture } from '@cc-executor/testkit';
import { expect, test } from 'vitest';
import { OutputLog } from '../output/output-log.ts';
import { pump } from './pump.ts';

/** A log in a folder of its own, and the data of what is in it. */
async function openLog(): Promise<AsyncDisposable & { log: OutputLog; data: () => Promise<Buffer[]> }> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'pump-'));
  const log = new OutputLog({
    path: join(directory.path, 'log'),
    onFault: ({ message }) => {
      throw new Error(message);
    },
  });
  return {
    log,
    data: async () => {
      const entries = await log.read({ afterSeq: 0 }, Number.POSITIVE_INFINITY);
      return entries.flatMap((entry) => (entry.type === 'output' ? [entry.data] : []));
    },
    [Symbol.asyncDispose]: async () => {
      await log[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test('what a process prints is logged, each piece of whole characters', async () => {
  await using opened = await openLog();
  const child = spawn(process.execPath, [fixture('splits-multibyte.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  await pump(child.stdout, 'stdout', opened.log, () => undefined);
  const data = await opened.data();
  expect(Buffer.concat(data)).toEqual(Buffer.concat(printed));
  expect(data.length).toBeGreaterThan(0);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  expect(() => data.map((piece) => decoder.decode(piece))).not.toThrow();
});

test('what is left of a broken character comes at the end', async () => {
  await using opened = await openLog();
  const source = new PassThrough();
  const done = pump(source, 'stderr', opened.log, () => undefined);
  source.write(Buffer.from([0x61, 0xe6]));
  source.end(Buffer.from([0x97]));
  await done;
  expect(Buffer.concat(await opened.data())).toEqual(Buffer.from([0x61, 0xe6, 0x97]));
});

test('each piece is told once it is in the log', async () => {
  await using opened = await openLog();
  const told: unknown[] = [];
  const source = Readable.from([Buffer.from('a'), Buffer.alloc(0), Buffer.from([0xe6]), Buffer.from('b')]);
  await pump(source, 'stderr', opened.log, (stream, data) =>
    told.push([stream, data.toString('latin1'), opened.log.outputBytes]),
  );
  expect(told).toEqual([
    ['stderr', 'a', 1],
    ['stderr', '\u00e6b', 3],
  ]);
});

test('a source that is faster than the disk is paused, and all of it arrives', async () => {
  await using opened = await openLog();
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  const source = Readable.from(Array.from({ length: 12 }, () => chunk));
  let pauses = 0;
  source.on('pause', () => (pauses += 1));
  await pump(source, 'stdout', opened.log, () => undefined);
  expect(pauses).toBeGreaterThan(0);
  expect(opened.log.outputBytes).toBe(12 * chunk.length);
});

test('a source that is cut off ends the pump with what came', async () => {
  await using opened = await openLog();
  const source = new PassThrough();
  const done = pump(source, 'stdout', opened.log, () => source.destroy());
  source.write('before');
  await done;
  expect(String(Buffer.concat(await opened.data()))).toBe('before');
});

test('a stream that has closed before anybody read it keeps nobody waiting', async () => {
  await using opened = await openLog();
  const source = Readable.from([]);
  source.resume();
  await once(source, 'close');
  await pump(source, 'stdout', opened.log, () => undefined);
  expect(await opened.data()).toEqual([]);
});
