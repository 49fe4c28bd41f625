import { ClientError } from '@cc-executor/client';
import { RpcError } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { CommandError, UsageError } from './command-errors.ts';
import { describeError } from './describe-error.ts';

test('an error of usage leads to the help of its command', () => {
  expect(describeError(new UsageError('which job?'), 'wait')).toEqual({
    message: 'which job?',
    mend: 'Try: cc-executor wait --help',
    exitCode: 2,
  });
  expect(describeError(new UsageError('what?'), undefined).mend).toBe('Try: cc-executor --help');
});

test('a refusal by policy says the line to add apart from what happened', () => {
  const data = { rule: 'default deny', file: '/c.json', mend: 'add "x" to policy.allow' };
  const message =
    'Policy does not allow x: no rule speaks of it. To allow it, add "x" to policy.allow in /c.json';
  expect(describeError(new RpcError('policyRefused', message, data), 'run')).toEqual({
    message: 'Policy does not allow x: no rule speaks of it',
    mend: 'To allow it, add "x" to policy.allow in /c.json, then `cc-executor stop`',
    exitCode: 1,
  });
});

test('what may work later is exit code 75', () => {
  const data = { what: 'jobs', limit: 1, retryAfterMs: 1 };
  expect(describeError(new RpcError('overloaded', 'too many', data), 'run').exitCode).toBe(75);
});

test('wrong params are told field by field', () => {
  const data = { problems: [{ path: 'cwd', message: 'too long' }] };
  expect(describeError(new RpcError('invalidParams', 'wrong', data), 'run').message).toBe(
    'The executor does not take this: cwd: too long',
  );
});

test('no executor is exit code 3, other failures are 1', () => {
  expect(describeError(new CommandError('noExecutor', 'none', 'start one'), 'ps')).toEqual({
    message: 'none',
    mend: 'start one',
    exitCode: 3,
  });
  expect(describeError(new CommandError('inUse', 'taken'), 'serve')).toEqual({
    message: 'taken',
    exitCode: 1,
  });
  const lost = new ClientError('connectionLost', 'gone', { closeCode: 1006, reason: '' });
  expect(describeError(lost, 'run').exitCode).toBe(3);
  const other = new ClientError('otherExecutor', 'gone', { jobId: 'j', lastSeq: 1 });
  expect(describeError(other, 'run').exitCode).toBe(3);
  expect(describeError(new Error('two\nlines'), 'run')).toEqual({ message: 'two lines', exitCode: 1 });
});
