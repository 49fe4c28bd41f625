import type { ClaudeEvent, ClaudeResult, JobState } from '@cc-executor/protocol';
import { oneLine } from './terminal-text.ts';

/** What is said of an event beside the answer, or undefined when it is not worth a line. */
export function claudeNote(event: ClaudeEvent): string | undefined {
  switch (event.type) {
    case 'init': {
      const failed = event.mcpServers.filter(({ status }) => status === 'failed').map(({ name }) => name);
      return failed.length === 0
        ? undefined
        : oneLine(`MCP servers that did not start: ${failed.join(', ')}`);
    }
    case 'textWithdrawn':
      return 'the message broke off and is written again';
    case 'toolUse':
      return `${indent(event.agentId)}${oneLine(`${event.name} ${event.summary}`)}`;
    case 'toolResult':
      return event.isError ? `${indent(event.agentId)}  failed: ${oneLine(event.summary)}` : undefined;
    case 'permissionDenied':
      return oneLine(`not allowed: ${event.toolName} ${event.message ?? ''}`);
    case 'retryWait': {
      const { error, delayMs, attempt, maxRetries } = event;
      const wait = `waiting ${Math.ceil(delayMs / 1000)} s (try ${attempt} of ${maxRetries})`;
      return oneLine(`${error}: ${wait}`);
    }
    case 'rateLimit': {
      if (event.status === 'allowed') return undefined;
      const window = event.window === undefined ? '' : ` ${event.window}`;
      const end = event.resetsAt === undefined ? '' : `, resets at ${event.resetsAt}`;
      return oneLine(`usage window${window}: ${event.status}${end}`);
    }
    case 'compaction':
      return event.phase === 'started' ? 'the context is full and is being compacted' : undefined;
    case 'outputMaximum':
      return 'the answer met the output maximum and goes on';
    case 'textDelta':
    case 'text':
    case 'usage':
    case 'backgroundTasks':
    case 'turnEnded':
    case 'other':
      return undefined;
  }
}

/** Why a job does not run yet. */
export function queueNote(state: Extract<JobState, { status: 'queued' }>): string {
  if (state.reason === 'capacity') return 'waiting for its turn';
  return `waiting for a limit to end${state.until === undefined ? '' : `, until ${state.until}`}`;
}

/** What a Claude job has cost, and how to go on with it. */
export function costNote({ costUsd, turns, usage, sessionId }: ClaudeResult): string {
  const inputTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheCreationTokens;
  const facts = [
    `$${costUsd.toFixed(4)}`,
    `${turns} ${turns === 1 ? 'turn' : 'turns'}`,
    `${inputTokens} tokens in, ${usage.outputTokens} out`,
    ...(sessionId === undefined ? [] : [`session ${sessionId}`]),
  ];
  return facts.join(' · ');
}

/** What a sub-agent does stands under what called it. */
function indent(agentId: string | undefined): string {
  return agentId === undefined ? '' : '  ';
}
