import type { ClaudeEvent, LogEntry, OutputStream } from '@cc-executor/protocol';
import { joinFacts, limitFacts } from '../view/envelope.ts';
import { LineAssembler } from '../view/line-assembler.ts';
import { gapWords } from '../view/output-view.ts';

/**
 * A part of a log as lines: output with stderr marked, and what a Claude said and did. Lines are whole: this is
 * where the rest of one is read that was cut elsewhere.
 */
export function renderEntries(entries: readonly LogEntry[]): string[] {
  const lines: string[] = [];
  const assembler = (mark: string): LineAssembler =>
    new LineAssembler(({ text }) => lines.push(`${mark}${text}`), Infinity);
  const streams: Record<OutputStream, LineAssembler> = {
    stdout: assembler(''),
    stderr: assembler('[stderr] '),
  };
  for (const entry of entries) {
    if (entry.type === 'output') streams[entry.stream].write(entry.data);
    else lines.push(...entryLines(entry));
  }
  streams.stdout.end();
  streams.stderr.end();
  return lines;
}

function entryLines(entry: Exclude<LogEntry, { type: 'output' }>): string[] {
  switch (entry.type) {
    case 'event':
      return eventLines(entry.event);
    case 'limit':
      return [`[limit] ${joinFacts(limitFacts(entry.limit))} ${entry.limit.message}`];
    case 'gap':
      return [gapWords(entry.lostBytes)];
    case 'state':
    case 'started':
    case 'exited':
    case 'closed':
      return [];
  }
}

function eventLines(event: ClaudeEvent): string[] {
  switch (event.type) {
    case 'text':
      return [event.agentId === undefined ? event.text : `[sub-agent] ${event.text}`];
    case 'toolUse':
      return [`[tool] ${event.name} ${event.summary}`];
    case 'toolResult':
      return [`[${event.isError ? 'tool error' : 'result'}] ${event.summary}`];
    case 'permissionDenied':
      return [`[not allowed] ${event.toolName}`];
    case 'retryWait':
      return [`[retry] ${event.error}, waits ${event.delayMs} ms`];
    case 'init':
    case 'textDelta':
    case 'textWithdrawn':
    case 'rateLimit':
    case 'compaction':
    case 'outputMaximum':
    case 'usage':
    case 'backgroundTasks':
    case 'turnEnded':
    case 'other':
      return [];
  }
}
