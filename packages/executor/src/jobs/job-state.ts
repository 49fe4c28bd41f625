import type { CancelledBy, JobState, Outcome, TimedOutWhich } from '@cc-executor/protocol';

/** Why a job is being brought to its end. The first cause stands. */
export type StopCause =
  | { readonly by: 'cancel'; readonly cancelledBy: CancelledBy }
  | { readonly by: 'timeout'; readonly which: TimedOutWhich }
  /** Something of ours failed: the disk, the spawn. */
  | { readonly by: 'fault'; readonly outcome: Outcome }
  /** A Claude has said all there is to say, and does not exit. */
  | { readonly by: 'settled' }
  /** The leader ended by itself. */
  | { readonly by: 'exit' };

/** Where a job stands, as the executor sees it; `JobState` is what clients see of it. */
export type JobPhase =
  | { readonly status: 'queued'; readonly reason: 'capacity' | 'hold' }
  | { readonly status: 'starting' }
  | { readonly status: 'running'; readonly paused: boolean }
  | { readonly status: 'stopping'; readonly cause: StopCause }
  | { readonly status: 'ended'; readonly outcome: Outcome };

/** What can happen to a job. */
export type JobEvent =
  | { readonly type: 'start' }
  | { readonly type: 'spawned' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'stop'; readonly cause: StopCause }
  | { readonly type: 'close'; readonly outcome: Outcome };

/** The next phase; the same object when the event changes nothing. */
export function transition(phase: JobPhase, event: JobEvent): JobPhase {
  if (phase.status === 'ended') return phase;
  switch (event.type) {
    case 'start':
      return phase.status === 'queued' ? { status: 'starting' } : phase;
    case 'spawned':
      return phase.status === 'starting' ? { status: 'running', paused: false } : phase;
    case 'pause':
      return phase.status === 'running' && !phase.paused ? { status: 'running', paused: true } : phase;
    case 'resume':
      return phase.status === 'running' && phase.paused ? { status: 'running', paused: false } : phase;
    case 'stop':
      return phase.status === 'stopping' ? phase : { status: 'stopping', cause: event.cause };
    case 'close':
      return { status: 'ended', outcome: event.outcome };
  }
}

/** What clients see of a phase. */
export function toJobState(phase: JobPhase): JobState {
  return phase.status === 'stopping' ? { status: 'stopping' } : phase;
}

/** Output that was lost while the last of it was read counts for more than an end that came by itself. */
export function decisiveCause(first: StopCause, fault: StopCause | undefined): StopCause {
  return first.by === 'exit' || first.by === 'settled' ? (fault ?? first) : first;
}

/** The outcome that a cause stands for; `natural` is how the end reads when nobody brought it about. */
export function outcomeOf(cause: StopCause, natural: Outcome): Outcome {
  switch (cause.by) {
    case 'cancel':
      return { status: 'cancelled', by: cause.cancelledBy };
    case 'timeout':
      return { status: 'timed_out', which: cause.which };
    case 'fault':
      return cause.outcome;
    case 'settled':
    case 'exit':
      return natural;
  }
}
