import type { ClaudeEvent } from '@cc-executor/protocol';
import type { RateLimitLine, ResultLine } from './line.ts';
import type { Run } from './run.ts';

const MAX_MESSAGE_CHARS = 2000;

/** Reads the end of a turn. */
export function readResultLine(run: Run, line: ResultLine): ClaudeEvent[] {
  // An `error_…` subtype is an error whatever else the line says; `success` alone proves nothing.
  const isError = line.is_error !== false || line.subtype !== 'success';
  run.isTurnOpen = false;
  run.results += 1;
  run.turns += line.num_turns;
  run.retryWait = undefined;
  run.sessionId ??= run.hasStarted ? line.session_id : undefined;
  run.structuredOutput = line.structured_output;
  run.meter.resultCame(line);
  // The result repeats the last part of the answer; it helps when the lines of the answer were lost.
  if (!isError && run.answer.text === '' && line.result !== undefined) {
    run.answer.addBlock(undefined, undefined, line.result);
  }
  for (const { tool_name: toolName, tool_use_id: toolUseId } of line.permission_denials) {
    const key = toolUseId ?? `#${run.denials.size}`;
    run.denials.set(key, { toolName, ...(toolUseId !== undefined && { toolUseId }) });
  }
  run.lastTurn = {
    isError,
    subtype: line.subtype,
    terminalReason: line.terminal_reason,
    stopReason: line.stop_reason,
    apiError: line.api_error,
    apiErrorStatus: line.api_error_status,
    apiErrorType: line.api_error_type,
    message: (line.result ?? line.errors.join('\n')).slice(0, MAX_MESSAGE_CHARS),
    turns: line.num_turns,
  };
  return [
    { type: 'usage', usage: run.meter.usage, costUsd: run.meter.costUsd },
    { type: 'turnEnded', isError, subtype: line.subtype },
  ];
}

/** Reads the state of the account's usage window. */
export function readRateLimitLine(run: Run, line: RateLimitLine): ClaudeEvent[] {
  const info = line.rate_limit_info;
  const resetsAt = isoTime(info.resetsAt);
  run.usageWindow = {
    type: 'rateLimit',
    status: info.status,
    ...(info.rateLimitType !== undefined && { window: info.rateLimitType }),
    ...(info.utilization !== undefined && { utilization: info.utilization }),
    ...(resetsAt !== undefined && { resetsAt }),
    ...(info.isUsingOverage !== undefined && { isUsingOverage: info.isUsingOverage }),
  };
  return [run.usageWindow];
}

/** Seconds since 1970 as ISO 8601; undefined when they name no time of this era. */
function isoTime(epochS: number | undefined): string | undefined {
  if (epochS === undefined || epochS <= 0 || epochS > 250_000_000_000) return undefined;
  return new Date(epochS * 1000).toISOString();
}
