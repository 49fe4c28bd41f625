import type { ClaudeResult } from '@cc-executor/protocol';
import { Answer } from './answer.ts';
import type { ApiErrorFacts, ClaudeFacts, RetryWaitFacts, TurnFacts, UsageWindowFacts } from './facts.ts';
import { UsageMeter } from './usage-meter.ts';

type Denial = ClaudeResult['permissionDenials'][number];

/** What the lines of one process have told so far. The readers of each kind of line write into it. */
export class Run {
  readonly answer = new Answer();
  readonly meter = new UsageMeter();
  /** By tool use, because a denial is told when it happens and again with the result. */
  readonly denials = new Map<string, Denial>();
  sessionId: string | undefined;
  model: string | undefined;
  /** The message that is being streamed. */
  messageId: string | undefined;
  structuredOutput: unknown;
  hasStarted = false;
  isTurnOpen = false;
  lastTurn: TurnFacts | undefined;
  apiError: ApiErrorFacts | undefined;
  wasRefused = false;
  usageWindow: UsageWindowFacts | undefined;
  retryWait: RetryWaitFacts | undefined;
  results = 0;
  turns = 0;
  backgroundTasks = 0;
  garbageLines = 0;

  startTurn(): void {
    this.answer.clear();
    this.hasStarted = true;
    this.isTurnOpen = true;
    this.apiError = undefined;
    this.wasRefused = false;
    this.retryWait = undefined;
    this.structuredOutput = undefined;
  }

  /** A copy that later lines do not change. */
  facts(expectsStructuredOutput: boolean): ClaudeFacts {
    return {
      result: {
        kind: 'claude',
        text: this.answer.text,
        ...(this.sessionId !== undefined && { sessionId: this.sessionId }),
        ...(this.model !== undefined && { model: this.model }),
        turns: this.turns,
        usage: this.meter.usage,
        costUsd: this.meter.costUsd,
        ...(this.structuredOutput !== undefined && { structuredOutput: this.structuredOutput }),
        permissionDenials: [...this.denials.values()],
        backgroundTasksEnded: this.backgroundTasks,
      },
      expectsStructuredOutput,
      hasStarted: this.hasStarted,
      isTurnOpen: this.isTurnOpen,
      lastTurn: this.lastTurn,
      apiError: this.apiError,
      wasRefused: this.wasRefused,
      usageWindow: this.usageWindow,
      retryWait: this.retryWait,
      results: this.results,
      backgroundTasks: this.backgroundTasks,
      garbageLines: this.garbageLines,
    };
  }
}
