import { expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

test('a character that two chunks share stays whole', () => {
  const splitter = new LineSplitter(100);
  const bytes = Buffer.from('a🙂b\nrest');
  expect(splitter.push(bytes.subarray(0, 3))).toEqual([]);
  expect(splitter.push(bytes.subarray(3))).toEqual([{ text: 'a🙂b' }]);
  expect(splitter.end()).toEqual([{ text: 'rest' }]);
  expect(splitter.end()).toEqual([]);
});

test('a chunk may hold many lines, empty ones too', () => {
  expect(new LineSplitter(100).push(Buffer.from('a\n\nb\n'))).toEqual([
    { text: 'a' },
    { text: '' },
    { text: 'b' },
  ]);
});

test('a line that is too long is dropped and counted, and the next one is read', () => {
  const splitter = new LineSplitter(4);
  expect(splitter.push(Buffer.from('123'))).toEqual([]);
  expect(splitter.push(Buffer.from('456'))).toEqual([]);
  expect(splitter.push(Buffer.from('7\n1234\n'))).toEqual([{ droppedBytes: 7 }, { text: '1234' }]);
});

test('the caller may use its buffer again', () => {
  const splitter = new LineSplitter(100);
  const buffer = Buffer.from('abc');
  splitter.push(buffer);
  buffer.fill('x');
  expect(splitter.push(Buffer.from('\n'))).toEqual([{ text: 'abc' }]);
});
