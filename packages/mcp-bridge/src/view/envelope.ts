import type { JobResult, JobView, Limit, Outcome, TokenUsage } from '@cc-executor/protocol';

type Fact = string | number | boolean | undefined;

/** What a line tells, by name; what is undefined is left out. */
export type Facts = Readonly<Record<string, Fact>>;

/** The first line of a result, for programs and for a quick look: `job=… state=ended outcome=succeeded …`. */
export function headerLine(view: JobView, now: Date = new Date()): string {
  const { jobId, state } = view;
  const facts: Record<string, Fact> = { job: jobId, state: state.status };
  switch (state.status) {
    case 'queued':
      Object.assign(facts, { reason: state.reason, until: state.until });
      break;
    case 'running':
      if (state.paused) facts['paused'] = true;
      break;
    case 'ended':
      Object.assign(facts, outcomeFacts(state.outcome), resultFacts(view.result));
      break;
    case 'starting':
    case 'stopping':
      break;
  }
  if (view.result === undefined && view.sessionId !== undefined) facts['session'] = view.sessionId;
  facts['wall'] = wallTime(view, now);
  if (state.status !== 'ended' && view.kind === 'command') facts['output'] = `${view.outputBytes}B`;
  if (view.drained === false) facts['drained'] = false;
  if (view.isBlocked) facts['blocked'] = true;
  if (view.droppedBytes > 0) facts['dropped'] = `${view.droppedBytes}B`;
  return joinFacts(facts);
}

/** `key=value` pairs in one line. */
export function joinFacts(facts: Facts): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' ');
}

function outcomeFacts(outcome: Outcome): Record<string, Fact> {
  const facts: Record<string, Fact> = { outcome: outcome.status };
  switch (outcome.status) {
    case 'failed':
      return { ...facts, reason: outcome.reason };
    case 'limited':
      return { ...facts, ...limitFacts(outcome.limit) };
    case 'cancelled':
      return { ...facts, by: outcome.by };
    case 'timed_out':
      return { ...facts, which: outcome.which };
    case 'succeeded':
    case 'stalled':
    case 'lost':
      return facts;
  }
}

/** A limit as facts: what it is, and when to try again. */
export function limitFacts(limit: Limit): Record<string, Fact> {
  const { retryAfterMs } = limit;
  return {
    limit: limit.kind,
    filled_by: limit.filledBy,
    retry_after: retryAfterMs === undefined ? undefined : seconds(retryAfterMs),
    resets_at: limit.resetsAt,
    window: limit.window,
    ...limit.numbers,
  };
}

function resultFacts(result: JobResult | undefined): Record<string, Fact> {
  if (result === undefined) return {};
  if (result.kind === 'command') {
    return { exit: result.exitCode ?? undefined, signal: result.signal ?? undefined };
  }
  return {
    cost: `$${result.costUsd.toFixed(result.costUsd < 0.1 ? 4 : 2)}`,
    session: result.sessionId,
    model: result.model,
    turns: result.turns,
    tokens: tokens(result.usage),
  };
}

/** Tokens in, cached ones included, and out. */
function tokens(usage: TokenUsage): string {
  const { inputTokens, cacheReadTokens, cacheCreationTokens, outputTokens } = usage;
  return `${inputTokens + cacheReadTokens + cacheCreationTokens}/${outputTokens}`;
}

function wallTime({ startedAt, endedAt }: JobView, now: Date): string | undefined {
  if (startedAt === undefined) return undefined;
  const end = endedAt === undefined ? now.getTime() : Date.parse(endedAt);
  return seconds(Math.max(0, end - Date.parse(startedAt)));
}

/** A duration in seconds, to a tenth. */
export function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)}s`;
}
