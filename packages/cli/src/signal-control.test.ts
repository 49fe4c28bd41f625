import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { controlBySignals } from './signal-control.ts';

/** Signals, and a client that remembers what it was asked. */
function setUp() {
  const signals = new EventEmitter();
  const started = Promise.withResolvers<{ jobId: string }>();
  const asked: string[] = [];
  const settled = Promise.withResolvers<void>();
  const state = { jobId: 'j', before: { status: 'starting' }, after: { status: 'starting' } } as const;
  const client = {
    isConnected: true,
    control: (jobId: string, action: string, options: { graceMs?: number } = {}) => {
      asked.push([jobId, action, ...(options.graceMs === undefined ? [] : [options.graceMs])].join(' '));
      if (asked.length === 3) settled.resolve();
      return Promise.resolve(state);
    },
  };
  const control = controlBySignals({
    signals,
    client,
    jobStarted: started.promise,
    onInterrupt: () => {},
    onUnreachable: () => asked.push('unreachable'),
  });
  return { signals, started, asked, control, client, settled: settled.promise };
}

test('a first SIGINT interrupts, a second cancels, a third kills, once the job is known', async () => {
  const { signals, started, asked, control, settled } = setUp();
  for (let count = 0; count < 3; count += 1) signals.emit('SIGINT');
  expect(asked).toEqual([]);
  started.resolve({ jobId: 'j' });
  await settled;
  expect(asked).toEqual(['j interrupt', 'j cancel', 'j cancel 0']);
  control[Symbol.dispose]();
  expect(signals.eventNames()).toEqual([]);
});

test('a job that was refused makes no noise', async () => {
  const { signals, started, asked, control } = setUp();
  signals.emit('SIGTERM');
  started.reject(new Error('refused'));
  await expect(started.promise).rejects.toThrow('refused');
  control[Symbol.dispose]();
  expect(asked).toEqual([]);
});

test('without a connection a first SIGINT waits for one, and a second one gives up', async () => {
  const { signals, asked, control, client } = setUp();
  client.isConnected = false;
  signals.emit('SIGINT');
  expect(asked).toEqual([]);
  signals.emit('SIGINT');
  expect(asked).toEqual(['unreachable']);
  control[Symbol.dispose]();
});
