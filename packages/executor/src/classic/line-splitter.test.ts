import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

/** A splitter, and the lines that came out of it. */
function createSplitter() {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  return { splitter, lines, push: (text: string | Buffer) => splitter.push(Buffer.from(text)) };
}

test('each complete line comes at once, without its end', () => {
  const { push, lines } = createSplitter();
  push('one\ntwo\n\nthree\n');
  expect(lines).toEqual(['one', 'two', '', 'three']);
});

test('a line may come in parts', () => {
  const { push, lines } = createSplitter();
  for (const part of ['o', 'n', 'e\nt', 'wo\n']) push(part);
  expect(lines).toEqual(['one', 'two']);
});

test('a carriage return before the end belongs to the end, also when it comes apart from it', () => {
  const { push, lines } = createSplitter();
  push('one\r\nt\rwo\r');
  push('\n\r\n');
  expect(lines).toEqual(['one', 't\rwo', '']);
});

test('a character may be split between two reads', () => {
  const { push, lines } = createSplitter();
  const bytes = Buffer.from('grüße 🙂\n');
  for (const byte of bytes) push(Buffer.from([byte]));
  expect(lines).toEqual(['grüße 🙂']);
});

test('a partial line comes after a tenth of a second without more of it', () => {
  const { push, lines } = createSplitter();
  push('Name');
  vi.advanceTimersByTime(99);
  push(': ');
  vi.advanceTimersByTime(99);
  expect(lines).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(lines).toEqual(['Name: ']);
});

test('what follows a partial line is a line of its own', () => {
  const { push, lines } = createSplitter();
  push('10%');
  vi.advanceTimersByTime(100);
  push(' 20%\nnext\n');
  expect(lines).toEqual(['10%', ' 20%', 'next']);
});

test('the end of a line that was sent already is no empty line', () => {
  const { push, lines } = createSplitter();
  push('Name: ');
  vi.advanceTimersByTime(100);
  push('\n\n');
  expect(lines).toEqual(['Name: ', '']);
});

test('a flush sends what is there and leaves no timer', () => {
  const { splitter, push, lines } = createSplitter();
  push('part');
  splitter.flush();
  splitter.flush();
  expect(lines).toEqual(['part']);
  expect(vi.getTimerCount()).toBe(0);
});

test('what is left of a broken character comes with the flush', () => {
  const { splitter, push, lines } = createSplitter();
  push(Buffer.from([0x61, 0x0a, 0xe6, 0x97]));
  splitter.flush();
  expect(lines).toEqual(['a', '\ufffd']);
});

test('nothing comes after it was disposed of', () => {
  const { splitter, push, lines } = createSplitter();
  push('part');
  splitter[Symbol.dispose]();
  vi.advanceTimersByTime(1_000);
  expect(lines).toEqual([]);
});

const maxChars = 64 * 1024;

test('a very long line comes in pieces, whether its end is there or not', () => {
  const long = 'x'.repeat(2.5 * maxChars);
  for (const parts of [[`${long}\n`], [long, '\n'], [long.slice(0, 1000), long.slice(1000), '\n']]) {
    const { push, lines } = createSplitter();
    for (const part of parts) push(part);
    expect(lines.map((line) => line.length)).toEqual([maxChars, maxChars, maxChars / 2]);
  }
});

test('a line of exactly the longest length is one line', () => {
  for (const parts of [['x'.repeat(maxChars), '\n'], [`${'x'.repeat(maxChars)}\n`]]) {
    const { push, lines } = createSplitter();
    for (const part of parts) push(part);
    expect(lines.map((line) => line.length)).toEqual([maxChars]);
  }
});

test('no piece ends within a character', () => {
  const { push, lines } = createSplitter();
  push(`x${'🙂'.repeat(maxChars)}\n`);
  expect(lines.every((line) => line.isWellFormed() && line.length <= maxChars)).toBe(true);
  expect(lines.join('')).toBe(`x${'🙂'.repeat(maxChars)}`);
});

test('whatever the text and the reads, the lines are those of the text', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é', '日', '🙂', '\r', ' '), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(40), { maxLength: 8 }), (texts, sizes) => {
      const { push, lines } = createSplitter();
      let rest = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      for (const size of sizes) {
        push(rest.subarray(0, size));
        rest = rest.subarray(size);
      }
      push(rest);
      expect(lines).toEqual(texts.map((text) => text.replace(/\r$/, '')));
    }),
  );
});
