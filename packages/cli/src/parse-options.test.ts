import { expect, test } from 'vitest';
import { HelpRequest, UsageError } from './command-errors.ts';
import {
  oneOf,
  parseOptions,
  requireJobs,
  secondsToMs,
  sizeToBytes,
  splitAtCommand,
  wholeNumber,
} from './parse-options.ts';

const options = { cwd: { type: 'string' }, timeout: { type: 'string' }, json: { type: 'boolean' } } as const;

test.each([
  [['ls', '-l', '--json'], [], ['ls', '-l', '--json']],
  [['--json', 'ls', '--cwd', '/'], ['--json'], ['ls', '--cwd', '/']],
  [['--cwd', '/tmp', '--timeout=3', 'ls'], ['--cwd', '/tmp', '--timeout=3'], ['ls']],
  [['--cwd', '--', 'ls'], ['--cwd', '--'], ['ls']],
  [['--json', '--', '--odd'], ['--json'], ['--odd']],
  [['--', 'a', '--', 'b'], [], ['a', '--', 'b']],
  [['--nosuch', 'ls'], ['--nosuch'], ['ls']],
  [['--help'], ['--help'], []],
  [[], [], []],
])('%j is split into options %j and command %j', (args, own, command) => {
  expect(splitAtCommand(args, options)).toEqual({ own, command });
});

test('an unknown option, a missing value and a value too many are errors of usage', () => {
  expect(() => parseOptions(['--nosuch'], options)).toThrow(new UsageError("Unknown option '--nosuch'"));
  expect(() => parseOptions(['--cwd'], options)).toThrow(UsageError);
  expect(() => parseOptions(['--json=1'], options)).toThrow(UsageError);
});

test('an option with an empty value is an error of usage', () => {
  expect(() => parseOptions(['--cwd', ''], options)).toThrow(new UsageError('--cwd is empty'));
  expect(() => parseOptions(['--cwd='], options)).toThrow(UsageError);
});

test('what is wrong with an option takes one line', () => {
  const message = "Option '--timeout' argument is ambiguous";
  expect(() => parseOptions(['--timeout', '-1'], options)).toThrow(new UsageError(message));
});

test('help is asked for by either name, and not behind --', () => {
  expect(() => parseOptions(['x', '--help'], options)).toThrow(HelpRequest);
  expect(() => parseOptions(['-h'], options)).toThrow(HelpRequest);
  expect(parseOptions(['--', '--help'], options).positionals).toEqual(['--help']);
});

test('seconds are read as milliseconds', () => {
  expect(['1', '0.25', '1e-9', '90'].map((text) => secondsToMs('--timeout', text))).toEqual([
    1000, 250, 1, 90_000,
  ]);
  for (const text of ['', ' ', '0', '-1', '5s', 'Infinity', 'NaN']) {
    expect(() => secondsToMs('--timeout', text)).toThrow(UsageError);
  }
});

test('jobs are asked for where there must be one', () => {
  expect(requireJobs(['a', 'b'], 'some')).toEqual(['a', 'b']);
  expect(() => requireJobs([], 'some')).toThrow(UsageError);
  expect(() => requireJobs(['a', 'b'], 'one')).toThrow(UsageError);
});

test('sizes are bytes or have a unit', () => {
  const sizes = ['1', '500K', '2g', '3MB'].map((text) => sizeToBytes('--max-output', text));
  expect(sizes).toEqual([1, 512_000, 2_147_483_648, 3_145_728]);
  for (const text of ['', '0', '1.5M', '-1', 'M', '1T', '1e3']) {
    expect(() => sizeToBytes('--max-output', text)).toThrow(UsageError);
  }
});

test('numbers are whole and within their bound, and words are those there are', () => {
  expect(wholeNumber('--head', '12', 1)).toBe(12);
  for (const text of ['0', '-1', '1.5', '', 'x', '1e3']) {
    expect(() => wholeNumber('--head', text, 1)).toThrow(UsageError);
  }
  expect(oneOf('--mode', 'b', ['a', 'b'])).toBe('b');
  expect(() => oneOf('--mode', 'x', ['a', 'b', 'c'])).toThrow("--mode takes a, b or c, not 'x'");
});
