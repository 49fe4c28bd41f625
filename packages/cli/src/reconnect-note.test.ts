import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { reconnectWithNote } from './reconnect-note.ts';

test.each([
  ['at a terminal', true, ['the connection to the executor is lost', 'connected again']],
  ['for a program', false, []],
])('a loss that lasts is told once %s', (_where, isTTY, words) => {
  vi.useFakeTimers();
  try {
    const stderr = Object.assign(new PassThrough(), { isTTY });
    const { onChange } = reconnectWithNote({ stderr });
    onChange?.(false);
    vi.advanceTimersByTime(900);
    onChange?.(true);
    expect(stderr.read()).toBe(null);
    onChange?.(false);
    vi.advanceTimersByTime(5_000);
    onChange?.(true);
    const lines = String(stderr.read() ?? '')
      .split('\n')
      .filter((line) => line !== '');
    expect(lines).toHaveLength(words.length);
    for (const [index, word] of words.entries()) expect(lines[index]).toContain(word);
  } finally {
    vi.useRealTimers();
  }
});
