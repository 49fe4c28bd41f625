import type { ClaudeEvent, ClaudeResult } from '@cc-executor/protocol';

/** The fields of a turn's result line that tell how it ended. */
export interface TurnFacts {
  readonly isError: boolean;
  readonly subtype: string;
  readonly terminalReason?: string | undefined;
  readonly stopReason?: string | undefined;
  readonly apiError?: string | undefined;
  readonly apiErrorStatus?: number | undefined;
  readonly apiErrorType?: string | undefined;
  /** What the CLI said about it, for people. It may be the model's text: never look into it. */
  readonly message: string;
  readonly turns: number;
}

/** An error that the CLI itself wrote into the conversation. */
export interface ApiErrorFacts {
  readonly error?: string | undefined;
  readonly apiError?: string | undefined;
  readonly status?: number | undefined;
  readonly type?: string | undefined;
  /** Which maximum cut the answer: `output_limit` or `context_window`. */
  readonly cut?: string | undefined;
}

/** State of the account's usage window. */
export type UsageWindowFacts = Extract<ClaudeEvent, { type: 'rateLimit' }>;

/** A wait of the CLI before it asks the service again. */
export type RetryWaitFacts = Extract<ClaudeEvent, { type: 'retryWait' }>;

/** Everything that a run's output has told so far. */
export interface ClaudeFacts {
  /** What the run brought back so far, in the form of the wire. */
  readonly result: ClaudeResult;
  /** Whether a schema was asked for, so that a run without data has failed. */
  readonly expectsStructuredOutput: boolean;
  /** Whether the CLI ever reported that it is up. */
  readonly hasStarted: boolean;
  /** Whether a turn has begun that has no result yet. */
  readonly isTurnOpen: boolean;
  /** How the last finished turn ended. */
  readonly lastTurn?: TurnFacts | undefined;
  /** The last error of the current or last turn. */
  readonly apiError?: ApiErrorFacts | undefined;
  /** Whether the safeguards stopped the current or last turn for good. */
  readonly wasRefused: boolean;
  readonly usageWindow?: UsageWindowFacts | undefined;
  /** The wait that the CLI is in now. */
  readonly retryWait?: RetryWaitFacts | undefined;
  /** Results seen. */
  readonly results: number;
  /** Background tasks alive now. */
  readonly backgroundTasks: number;
  /** Lines that were no JSON objects, or too long to keep. */
  readonly garbageLines: number;
}
