import { expect, test } from 'vitest';
import { parseLinuxStat } from './linux-stat.ts';

function line({ name = 'sh', state = 'S', threads = 1 } = {}): string {
  return `42 (${name}) ${state} 7 40 39 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 ${threads} 0 98765 2600960 3 18446744073709551615\n`;
}

test('the fields are found', () => {
  expect(parseLinuxStat(line())).toEqual({
    pid: 42,
    startTime: 98765,
    parentPid: 7,
    groupId: 40,
    sessionId: 39,
    isDead: false,
    isStopped: false,
    isUninterruptible: false,
  });
});

test('a name with brackets and spaces does not shift the fields', () => {
  expect(parseLinuxStat(line({ name: 'a) Z 1 (b' }))).toEqual(parseLinuxStat(line()));
});

test.each([
  ['Z', { isDead: true, isStopped: false }],
  ['X', { isDead: true, isStopped: false }],
  ['T', { isDead: false, isStopped: true }],
  ['t', { isDead: false, isStopped: true }],
  ['D', { isDead: false, isUninterruptible: true }],
])('state %s is understood', (state, expected) => {
  expect(parseLinuxStat(line({ state }))).toMatchObject(expected);
});

test('a zombie whose other threads still run is alive', () => {
  expect(parseLinuxStat(line({ state: 'Z', threads: 3 }))).toMatchObject({ isDead: false });
});

test.each(['', '42', '42 (sh', '42 (sh) S 7 40'])('%j is no process', (text) => {
  expect(parseLinuxStat(text)).toBeUndefined();
});
