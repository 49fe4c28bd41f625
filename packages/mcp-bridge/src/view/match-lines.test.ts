import { expect, test } from 'vitest';
import { matchLines, type Match } from './match-lines.ts';

/** Matches of a text in some lines, as a search gives them. */
function find(lines: readonly string[], text: string, context: number): Match[] {
  return lines.flatMap((line, place) => {
    const before = lines.slice(Math.max(0, place - context), place);
    return line.includes(text)
      ? [{ place, line, before, after: lines.slice(place + 1, place + 1 + context) }]
      : [];
  });
}

test('matches come one to a line with their places', () => {
  const { lines } = matchLines(find(['hit a', 'b', 'hit c'], 'hit', 0), 'hit', 1_000);
  expect(lines).toEqual(['0: hit a', '2: hit c']);
});

test('lines around matches are shown once, and groups are apart', () => {
  const all = ['a', 'hit b', 'hit c', 'd', 'hit e', 'f', 'g', 'h', 'i', 'hit j'];
  expect(matchLines(find(all, 'hit', 1), 'hit', 1_000).lines).toEqual([
    '  a',
    '1: hit b',
    '2: hit c',
    '  d',
    '--',
    '  d',
    '4: hit e',
    '  f',
    '--',
    '  i',
    '9: hit j',
  ]);
  expect(matchLines(find(all, 'hit', 2), 'hit', 1_000).lines.slice(0, 6)).toEqual([
    '  a',
    '1: hit b',
    '2: hit c',
    '  d',
    '4: hit e',
    '  f',
  ]);
});

test('what does not fit is left out, and told from where', () => {
  const matches = find(['hit a', 'hit b', 'hit c'], 'hit', 0);
  expect(matchLines(matches, 'hit', 20)).toEqual({ lines: ['0: hit a', '1: hit b'], shown: 2, nextPlace: 2 });
  expect(matchLines(matches, 'hit', 1)).toEqual({ lines: ['0: hit a'], shown: 1, nextPlace: 1 });
});

test('what would steer a terminal is taken out', () => {
  const { lines } = matchLines(find(['\u001b[31mhit\u001b[0m\0'], 'hit', 0), 'hit', 100);
  expect(lines).toEqual(['0: hit']);
});
