import type { Limit, Outcome } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { exitCodeOfCommand, exitCodeOfOutcome } from './exit-codes.ts';

const limited = (kind: Limit['kind']): Outcome => ({
  status: 'limited',
  limit: { kind, message: 'm', hint: 'h' },
});

test.each<[Outcome, number]>([
  [{ status: 'succeeded' }, 0],
  [{ status: 'failed', reason: 'exit', exitCode: 3 }, 1],
  [{ status: 'stalled' }, 1],
  [{ status: 'lost' }, 1],
  [{ status: 'timed_out', which: 'idle' }, 124],
  [{ status: 'cancelled', by: 'interrupt' }, 130],
  [{ status: 'cancelled', by: 'shutdown' }, 130],
  [limited('rate'), 75],
  [limited('usage'), 75],
  [limited('overloaded'), 75],
  [limited('context'), 1],
  [limited('auth'), 1],
])('%j is exit code %d', (outcome, code) => {
  expect(exitCodeOfOutcome(outcome)).toBe(code);
});

test.each<[Outcome, number]>([
  [{ status: 'succeeded' }, 0],
  [{ status: 'failed', reason: 'exit', exitCode: 3 }, 3],
  [{ status: 'failed', reason: 'signal', signal: 'SIGTERM' }, 143],
  [{ status: 'failed', reason: 'signal', signal: 'SIGNOSUCH' }, 128],
  [{ status: 'failed', reason: 'spawn' }, 1],
  [{ status: 'timed_out', which: 'total' }, 124],
])('run answers %j with exit code %d', (outcome, code) => {
  expect(exitCodeOfCommand(outcome)).toBe(code);
});
