import { PassThrough } from 'node:stream';
import type { ClaudeEvent, ClaudeResult, LogEntry } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { ClaudePrinter, type ClaudeView } from './claude-printer.ts';

const at = '2030-01-01T00:00:00.000Z';
const result: ClaudeResult = {
  kind: 'claude',
  text: 'Hello there.',
  turns: 1,
  usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheCreationTokens: 0 },
  costUsd: 0,
  permissionDenials: [],
  backgroundTasksEnded: 0,
};
const closed: LogEntry = {
  type: 'closed',
  seq: 99,
  at,
  outcome: { status: 'succeeded' },
  drained: true,
  result,
};

/** What a printer writes about some events and the end. */
async function print(view: ClaudeView, events: readonly ClaudeEvent[], options: { isTTY?: boolean } = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const context = { stdout: Object.assign(stdout, options), stderr: Object.assign(stderr, options) };
  const printer = new ClaudePrinter(context, view);
  for (const [index, event] of events.entries())
    await printer.show({ type: 'event', seq: index + 1, at, event });
  await printer.show(closed);
  return { stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

const deltas: ClaudeEvent[] = [
  { type: 'textDelta', text: 'Hello ' },
  { type: 'textDelta', text: 'aside', agentId: 'a' },
  { type: 'textDelta', text: 'there.' },
  { type: 'text', text: 'Hello there.' },
];

test('a stream shows the answer as it is written, once', async () => {
  expect(await print('stream', deltas)).toEqual({ stdout: 'Hello there.\n', stderr: '' });
});

test('an answer that was never streamed is shown at the end', async () => {
  expect((await print('stream', [])).stdout).toBe('Hello there.\n');
  expect((await print('final', deltas)).stdout).toBe('Hello there.\n');
});

test('tools stand on lines of their own, those of a sub-agent under what called it', async () => {
  const { stdout, stderr } = await print('stream', [
    { type: 'textDelta', text: 'Look:' },
    { type: 'toolUse', toolUseId: '1', name: 'Task', summary: 'find it' },
    { type: 'toolUse', toolUseId: '2', name: 'Grep', summary: 'it', agentId: 'a' },
    { type: 'toolResult', toolUseId: '2', isError: true, summary: 'no\nsuch file', agentId: 'a' },
    { type: 'textDelta', text: 'Done.' },
  ]);
  expect(stdout).toBe('Look:\nDone.\n');
  expect(stderr).toBe('Task find it\n  Grep it\n    failed: no such file\n');
});

test('on a terminal notes are dim, and what would steer the terminal is taken out', async () => {
  const { stdout, stderr } = await print(
    'stream',
    [
      { type: 'textDelta', text: 'a\u{1b}[31mb\u{7}\n' },
      { type: 'toolUse', toolUseId: '1', name: 'Bash', summary: 'ls \u{1b}]0;title\u{7}' },
    ],
    { isTTY: true },
  );
  expect(stdout).toBe('ab\n');
  expect(stderr).toBe('\u{1b}[2mBash ls\u{1b}[22m\n');
});

test('waits, limits and refusals are told', async () => {
  const { stderr } = await print('final', [
    { type: 'retryWait', attempt: 1, maxRetries: 3, delayMs: 1500, httpStatus: 529, error: 'overloaded' },
    { type: 'rateLimit', status: 'allowed' },
    { type: 'rateLimit', status: 'allowed_warning', window: 'five_hour', resetsAt: at },
    { type: 'permissionDenied', toolName: 'Bash', message: 'not listed' },
    { type: 'textWithdrawn' },
    { type: 'compaction', phase: 'started' },
  ]);
  expect(stderr.trimEnd().split('\n')).toEqual([
    'overloaded: waiting 2 s (try 1 of 3)',
    `usage window five_hour: allowed_warning, resets at ${at}`,
    'not allowed: Bash not listed',
    'the message broke off and is written again',
    'the context is full and is being compacted',
  ]);
});

test('json shows every entry as it is', async () => {
  const { stdout } = await print('json', deltas);
  const entries = stdout.trimEnd().split('\n');
  expect(entries).toHaveLength(5);
  expect(JSON.parse(entries[4] ?? '')).toEqual(closed);
});
