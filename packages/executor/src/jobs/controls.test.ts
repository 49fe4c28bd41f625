import type { JobState } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { Controls } from './controls.ts';

const running: JobState = { status: 'running', paused: false };
const paused: JobState = { status: 'running', paused: true };

test('a control waits for the one before it and sees what it has done', async () => {
  let state = running;
  const controls = new Controls(() => state);
  const pausing = Promise.withResolvers<void>();
  const first = controls.run(async () => {
    await pausing.promise;
    state = paused;
  });
  const second = controls.run(async () => {
    state = running;
  });
  pausing.resolve();
  expect(await first).toEqual({ before: running, after: paused });
  expect(await second).toEqual({ before: paused, after: running });
});

test('a control that fails does not keep the next one from running', async () => {
  const controls = new Controls(() => running);
  const failing = controls.run(() => Promise.reject(new Error('no table')));
  const next = controls.run(() => Promise.resolve());
  await expect(failing).rejects.toThrow('no table');
  expect(await next).toEqual({ before: running, after: running });
});
