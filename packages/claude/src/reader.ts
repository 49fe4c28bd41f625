import type { ClaudeEvent } from '@cc-executor/protocol';
import type { ClaudeFacts } from './facts.ts';
import { LineSplitter, type SplitLine } from './line-splitter.ts';
import {
  AnyLine,
  AssistantLine,
  RateLimitLine,
  ResultLine,
  StreamLine,
  SystemLine,
  UserLine,
} from './line.ts';
import { readAssistantLine, readUserLine } from './message-line.ts';
import { parseLine } from './parse-line.ts';
import { readRateLimitLine, readResultLine } from './result-line.ts';
import { Run } from './run.ts';
import { readStreamLine } from './stream-line.ts';
import { readSystemLine } from './system-line.ts';

/** How a run's output is read. */
export interface ClaudeReaderOptions {
  /** Whether a schema was asked for, so that a run without data has failed. @default false */
  readonly expectsStructuredOutput?: boolean;
  /** Longer lines are dropped and reported as `other`. @default 64 MiB */
  readonly maxLineBytes?: number;
}

const MAX_NAME_CHARS = 100;

/**
 * Reads the stdout of one Claude process, byte by byte or in any chunks, into events and facts.
 * It never throws: what it cannot read becomes an `other` event and is counted.
 */
export class ClaudeReader {
  readonly #splitter: LineSplitter;
  readonly #run = new Run();
  readonly #expectsStructuredOutput: boolean;

  constructor(options: ClaudeReaderOptions = {}) {
    this.#splitter = new LineSplitter(options.maxLineBytes ?? 64 * 1024 * 1024);
    this.#expectsStructuredOutput = options.expectsStructuredOutput ?? false;
  }

  /** Everything told so far. */
  get facts(): ClaudeFacts {
    return this.#run.facts(this.#expectsStructuredOutput);
  }

  /** Whether a result has come and nothing goes on: then standard input may be closed. */
  get isSettled(): boolean {
    return this.#run.results > 0 && !this.#run.isTurnOpen && this.#run.backgroundTasks === 0;
  }

  /** Takes the next bytes of stdout. */
  push(bytes: Uint8Array): ClaudeEvent[] {
    return this.#splitter.push(bytes).flatMap((line) => this.#read(line));
  }

  /** Stdout has ended; what no line break ended is read as a line. */
  end(): ClaudeEvent[] {
    return this.#splitter.end().flatMap((line) => this.#read(line));
  }

  #read(line: SplitLine): ClaudeEvent[] {
    if ('droppedBytes' in line) return this.#garbage('lineTooLong');
    if (line.text.trim() === '') return [];
    const json = parseLine(line.text);
    const head = AnyLine.safeParse(json);
    if (!head.success) return this.#garbage('garbage');
    const { type, subtype } = head.data;
    const agentId = head.data.agent_id ?? head.data.parent_tool_use_id;
    const run = this.#run;
    switch (type) {
      case 'system':
        return readSystemLine(run, (subtype ?? '').slice(0, MAX_NAME_CHARS), SystemLine.parse(json));
      case 'assistant':
        return readAssistantLine(run, AssistantLine.parse(json), agentId);
      case 'user':
        return readUserLine(run, UserLine.parse(json), agentId);
      case 'stream_event':
        return readStreamLine(run, StreamLine.parse(json), agentId);
      case 'result':
        return readResultLine(run, ResultLine.parse(json));
      case 'rate_limit_event': {
        const limits = RateLimitLine.safeParse(json);
        return limits.success ? readRateLimitLine(run, limits.data) : this.#garbage('rate_limit_event');
      }
      default:
        return [{ type: 'other', name: type.slice(0, MAX_NAME_CHARS) }];
    }
  }

  #garbage(name: string): ClaudeEvent[] {
    this.#run.garbageLines += 1;
    return [{ type: 'other', name }];
  }
}
