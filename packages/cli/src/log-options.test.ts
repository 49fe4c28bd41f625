import { expect, test } from 'vitest';
import { logOptions } from './log-options.ts';

test.each([
  [{ head: '1', tail: '1' }, '--head and --tail do not go together'],
  [{ context: '1' }, '--context goes with --search'],
  [{ search: 'x', context: '21' }, '--context takes 20 lines at most'],
  [{ tail: '0' }, "--tail takes a whole number from 1 on, not '0'"],
  [{ follow: true, search: 'x' }, '-f does not go with --search'],
  [{ follow: true, head: '1' }, '-f does not go with --head'],
  [{ stream: 'both' }, "--stream takes stdout or stderr, not 'both'"],
])('%j is wrong usage', (values, words) => {
  expect(() => logOptions(values)).toThrow(words);
});

test('all of it is shown unless a part is asked for', () => {
  expect(logOptions({})).toEqual({ part: { kind: 'all' }, isFollowed: false, stream: undefined });
  const search = { kind: 'search', text: 'x', contextLines: 2 };
  expect(logOptions({ search: 'x', context: '2', stream: 'stderr' })).toEqual({
    part: search,
    isFollowed: false,
    stream: 'stderr',
  });
});
