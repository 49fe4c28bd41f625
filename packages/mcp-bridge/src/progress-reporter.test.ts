import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProgressReporter } from './progress-reporter.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function reporter(): { sent: string[]; reporter: ProgressReporter } {
  const sent: string[] = [];
  return {
    sent,
    reporter: new ProgressReporter(
      (message) => sent.push(message),
      () => 'still there',
    ),
  };
}

test('the first message is sent at once, then the newest, and the last is never lost', () => {
  const { sent, reporter: progress } = reporter();
  for (let index = 0; index < 100; index++) {
    progress.report(() => `line ${index}`);
    vi.advanceTimersByTime(10);
  }
  expect(sent[0]).toBe('line 0');
  expect(sent.length).toBeLessThanOrEqual(5);
  progress[Symbol.dispose]();
  expect(sent.at(-1)).toBe('line 99');
});

test('notes are not replaced by what is newer', () => {
  const { sent, reporter: progress } = reporter();
  progress.note('begun');
  progress.note('a tool');
  progress.report(() => 'text');
  progress.report(() => 'more text');
  vi.advanceTimersByTime(250);
  expect(sent).toEqual(['begun', 'a tool · more text']);
  progress[Symbol.dispose]();
});

test('a message is one clean line of at most 200 characters', () => {
  const { sent, reporter: progress } = reporter();
  progress.report(() => `\u001b[1ma\nb\u001b[0m ${'x'.repeat(500)}`);
  expect(sent[0]).toMatch(/^a b x+…$/);
  expect(sent[0]).toHaveLength(200);
  progress[Symbol.dispose]();
});

test('after ten seconds of silence there is a sign of life, and none after the end', () => {
  const { sent, reporter: progress } = reporter();
  vi.advanceTimersByTime(5_000);
  progress.report(() => 'line');
  vi.advanceTimersByTime(9_999);
  expect(sent).toEqual(['line']);
  vi.advanceTimersByTime(10_001);
  expect(sent).toEqual(['line', 'still there', 'still there']);
  progress[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect(sent).toHaveLength(3);
});
