import { JobState, type Outcome } from '@cc-executor/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decisiveCause,
  outcomeOf,
  toJobState,
  transition,
  type JobEvent,
  type JobPhase,
  type StopCause,
} from './job-state.ts';

const queued: JobPhase = { status: 'queued', reason: 'capacity' };
const starting: JobPhase = { status: 'starting' };
const running: JobPhase = { status: 'running', paused: false };
const paused: JobPhase = { status: 'running', paused: true };
const cancel: StopCause = { by: 'cancel', cancelledBy: 'client' };
const stopping: JobPhase = { status: 'stopping', cause: cancel };
const succeeded: Outcome = { status: 'succeeded' };
const ended: JobPhase = { status: 'ended', outcome: succeeded };
const phases = { queued, starting, running, paused, stopping, ended };

const stop: JobEvent = { type: 'stop', cause: cancel };
const close: JobEvent = { type: 'close', outcome: succeeded };

test.each<[event: JobEvent, from: keyof typeof phases, to: JobPhase]>([
  [{ type: 'start' }, 'queued', starting],
  [{ type: 'spawned' }, 'starting', running],
  [{ type: 'pause' }, 'running', paused],
  [{ type: 'resume' }, 'paused', running],
  [stop, 'queued', stopping],
  [stop, 'starting', stopping],
  [stop, 'running', stopping],
  [stop, 'paused', stopping],
  [close, 'queued', ended],
  [close, 'starting', ended],
  [close, 'running', ended],
  [close, 'stopping', ended],
])('%j takes a job that is %s to %j', (event, from, to) => {
  expect(transition(phases[from], event)).toEqual(to);
});

test('an event that means nothing in a phase leaves the very same phase', () => {
  const meaningful: Record<string, string[]> = {
    start: ['queued'],
    spawned: ['starting'],
    pause: ['running'],
    resume: ['paused'],
  };
  for (const [type, from] of Object.entries(meaningful)) {
    const others = Object.entries(phases).filter(([name]) => !from.includes(name));
    for (const [, phase] of others) expect(transition(phase, { type } as JobEvent)).toBe(phase);
  }
});

const cause: fc.Arbitrary<StopCause> = fc.oneof(
  fc.record({ by: fc.constant('cancel'), cancelledBy: fc.constantFrom('client', 'detach', 'shutdown') }),
  fc.record({ by: fc.constant('timeout'), which: fc.constantFrom('total', 'idle', 'start') }),
  fc.constant<StopCause>({ by: 'settled' }),
  fc.constant<StopCause>({ by: 'exit' }),
  fc.constant<StopCause>({ by: 'fault', outcome: { status: 'failed', reason: 'outputQuota' } }),
);
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant(succeeded),
  fc.record({ status: fc.constant('failed'), reason: fc.constant('exit'), exitCode: fc.nat(255) }),
);
const event: fc.Arbitrary<JobEvent> = fc.oneof(
  fc.record({ type: fc.constantFrom('start', 'spawned', 'pause', 'resume') }),
  fc.record({ type: fc.constant('stop'), cause }),
  fc.record({ type: fc.constant('close'), outcome }),
);

/** Every phase that a job goes through, the first included. */
function phasesOf(events: readonly JobEvent[]): JobPhase[] {
  const seen: JobPhase[] = [queued];
  for (const event of events) seen.push(transition(seen.at(-1) ?? queued, event));
  return seen;
}

test('whatever happens, the first end stands', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      const first = events.find((event) => event.type === 'close');
      const ends = phasesOf(events).filter(({ status }) => status === 'ended');
      const expected = first === undefined ? [] : [{ status: 'ended', outcome: first.outcome }];
      expect([...new Set(ends)]).toEqual(expected);
      expect(phasesOf(events).at(-1)?.status === 'ended').toBe(first !== undefined);
    }),
  );
});

test('whatever happens, the first cause of an end stands until the end', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      const open = events.slice(0, events.findIndex(({ type }) => type === 'close') + 1 || undefined);
      const first = open.find(({ type }) => type === 'stop');
      const causes = phasesOf(open).flatMap((phase) => (phase.status === 'stopping' ? [phase.cause] : []));
      expect(causes.every((cause) => first?.type === 'stop' && cause === first.cause)).toBe(true);
    }),
  );
});

test('whatever happens, a job never goes back', () => {
  const order = ['queued', 'starting', 'running', 'stopping', 'ended'];
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      const places = phasesOf(events).map(({ status }) => order.indexOf(status));
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }),
  );
});

test('clients see every phase, and not why a job is stopping', () => {
  const states = Object.values(phases).map(toJobState);
  expect(states).toEqual([queued, starting, running, paused, { status: 'stopping' }, ended]);
  for (const state of states) expect(JobState.parse(state)).toEqual(state);
});

const exited: Outcome = { status: 'failed', reason: 'exit', exitCode: 3 };
const full: Outcome = { status: 'failed', reason: 'outputQuota' };
test.each<[cause: StopCause, outcome: Outcome]>([
  [{ by: 'exit' }, exited],
  // Its result counts, not that it had to be ended.
  [{ by: 'settled' }, exited],
  [
    { by: 'cancel', cancelledBy: 'detach' },
    { status: 'cancelled', by: 'detach' },
  ],
  [
    { by: 'timeout', which: 'idle' },
    { status: 'timed_out', which: 'idle' },
  ],
  [
    { by: 'timeout', which: 'start' },
    { status: 'timed_out', which: 'start' },
  ],
  [{ by: 'fault', outcome: full }, full],
])('a job that ends because of %j has the outcome %j', (cause, outcome) => {
  expect(outcomeOf(cause, exited)).toEqual(outcome);
});

test('a fault decides over an end that came by itself, and over no other cause', () => {
  const fault: StopCause = { by: 'fault', outcome: full };
  fc.assert(
    fc.property(cause, (first) => {
      const cameByItself = first.by === 'exit' || first.by === 'settled';
      expect(decisiveCause(first, fault)).toBe(cameByItself ? fault : first);
      expect(decisiveCause(first, undefined)).toBe(first);
    }),
  );
});

test('whatever else happens, the outcome is that of the first cause', () => {
  fc.assert(
    fc.property(cause, fc.array(event, { maxLength: 20 }), outcome, (first, events, natural) => {
      const stops: JobEvent[] = [
        { type: 'stop', cause: first },
        ...events.filter(({ type }) => type !== 'close'),
      ];
      const last = phasesOf(stops).at(-1);
      const ends = last?.status === 'stopping' ? [outcomeOf(last.cause, natural)] : [];
      expect(ends).toEqual([outcomeOf(first, natural)]);
    }),
  );
});
