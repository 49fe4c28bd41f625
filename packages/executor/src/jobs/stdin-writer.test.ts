import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { StdinWriter } from './stdin-writer.ts';

const write = (writer: StdinWriter, writeId: string, data = writeId): void =>
  writer.write(writeId, Buffer.from(data));
const refusal = (code: string) => expect.objectContaining({ name: 'RpcError', code });

/** A program that never reads. */
const stuck = (): Writable => new Writable({ write: () => undefined });

test('what is written reaches the process, in order', async () => {
  const writer = new StdinWriter('j');
  const stream = new PassThrough();
  writer.connect(stream);
  write(writer, '1', 'a');
  write(writer, '2', 'b');
  writer.close();
  expect(await text(stream)).toBe('ab');
});

test('what is written before the process runs waits for it, the end included', async () => {
  const writer = new StdinWriter('j');
  write(writer, '1', 'early ');
  write(writer, '2', 'birds');
  writer.close();
  const stream = new PassThrough();
  writer.connect(stream);
  expect(await text(stream)).toBe('early birds');
});

test('a repeated write is written once, before and after the process runs', async () => {
  const writer = new StdinWriter('j');
  write(writer, '1', 'a');
  write(writer, '1', 'a');
  const stream = new PassThrough();
  writer.connect(stream);
  write(writer, '1', 'a');
  write(writer, '2', 'b');
  write(writer, '2', 'b');
  writer.close();
  // The reply to the first may have been lost, so a repeat is no error even now.
  write(writer, '2', 'b');
  expect(await text(stream)).toBe('ab');
});

test('the latest 1024 writes are remembered', async () => {
  const writer = new StdinWriter('j');
  const stream = new PassThrough();
  writer.connect(stream);
  for (let index = 0; index < 1_024; index += 1) {
    write(writer, `${index}`, 'x');
    stream.read();
  }
  write(writer, '0', 'again');
  expect(stream.read()).toBeNull();
  write(writer, 'one more', 'y');
  write(writer, '0', 'z');
  expect(String(stream.read())).toBe('yz');
});

test('nothing is written once it is closed, and closing twice does no harm', () => {
  const writer = new StdinWriter('j-1');
  writer.close();
  writer.close();
  expect(() => write(writer, '1')).toThrow(refusal('stdinClosed'));
  expect(() => write(writer, '1')).toThrow(expect.objectContaining({ data: { jobId: 'j-1' } }));
});

test('nothing is written to a process that has closed its end', async () => {
  const child = spawn(process.execPath, ['-e', '0'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const { stdin } = child;
  stdin.on('error', () => undefined);
  const writer = new StdinWriter('j');
  writer.connect(stdin);
  await once(child, 'close');
  expect(() => write(writer, '1')).toThrow(refusal('stdinClosed'));
});

test.each([['before the process runs'], ['while the process does not read']])(
  'four mebibytes may wait %s',
  (when) => {
    const writer = new StdinWriter('j');
    if (when.startsWith('while')) writer.connect(stuck());
    const mebibyte = Buffer.alloc(1024 * 1024);
    for (let index = 0; index < 4; index += 1) writer.write(`${index}`, mebibyte);
    expect(() => write(writer, 'more', 'x')).toThrow(refusal('overloaded'));
  },
);

test.each([['before the process runs'], ['while the process does not read']])(
  'writes that wait are counted too %s, for each costs memory however small it is',
  (when) => {
    const writer = new StdinWriter('j');
    if (when.startsWith('while')) writer.connect(stuck());
    const flood = (): void => {
      for (let index = 0; index < 100_000; index += 1) writer.write(`${index}`, Buffer.alloc(index % 2));
    };
    expect(flood).toThrow(refusal('overloaded'));
  },
);

test('a write that was refused can be repeated when the process has read', async () => {
  const read: string[] = [];
  const taken: (() => void)[] = [];
  const writer = new StdinWriter('j');
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      read.push(chunk.subarray(0, 10).toString());
      taken.push(done);
    },
  });
  writer.connect(stream);
  writer.write('big', Buffer.alloc(4 * 1024 * 1024, 'b'));
  expect(() => write(writer, 'late', 'x')).toThrow(refusal('overloaded'));
  const drained = once(stream, 'drain');
  taken[0]?.();
  await drained;
  write(writer, 'late', 'x');
  expect(read).toEqual(['bbbbbbbbbb', 'x']);
});

test('a write of more than may wait is taken when nothing waits', () => {
  const writer = new StdinWriter('j');
  writer.connect(stuck());
  writer.write('big', Buffer.alloc(12 * 1024 * 1024));
  expect(() => write(writer, 'more', 'x')).toThrow(refusal('overloaded'));
});
