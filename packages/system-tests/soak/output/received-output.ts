import type { LogEntry } from '@cc-executor/protocol';
import { patternFault } from './pattern.ts';

/** Faults of one log that are told; those after them follow from these as a rule. */
const MAX_FAULTS = 5;

/** All that has come of one log, compared with what was printed. */
export class ReceivedOutput {
  readonly faults: string[] = [];
  readonly #name: string;
  receivedBytes = 0;
  lostBytes = 0;
  gaps = 0;
  /** The end, once it has come. */
  closed: Extract<LogEntry, { type: 'closed' }> | undefined;
  #lastSeq = 0;

  /** @param name how faults speak of it */
  constructor(name: string) {
    this.#name = name;
  }

  /** Bytes of output up to here: those that came and those that gaps stand for. */
  get offset(): number {
    return this.receivedBytes + this.lostBytes;
  }

  /** Takes the entry that has come next, with its output in base64. */
  take(entry: LogEntry): void {
    if (this.closed !== undefined) this.#fault(`${entry.type} after the end`);
    const first = entry.type === 'gap' ? entry.fromSeq : entry.seq;
    // After a crash the log may end before what was seen of it.
    const isEarlierEnd = entry.type === 'closed' && entry.outcome.status === 'lost' && first <= this.#lastSeq;
    if (first !== this.#lastSeq + 1 && !isEarlierEnd) {
      this.#fault(`entry ${first} (${entry.type}) comes after ${this.#lastSeq}`);
    }
    this.#lastSeq = entry.type === 'gap' ? entry.firstSeq - 1 : entry.seq;
    if (entry.type === 'gap') {
      this.gaps += 1;
      this.lostBytes += entry.lostBytes;
    }
    if (entry.type === 'output') this.#takeOutput(entry);
    if (entry.type === 'closed') this.closed = entry;
  }

  #takeOutput({ seq, offset, bytes, data }: Extract<LogEntry, { type: 'output' }>): void {
    const content = Buffer.from(data, 'base64');
    if (offset !== this.offset) this.#fault(`entry ${seq} is at byte ${offset}, expected at ${this.offset}`);
    if (content.length !== bytes) this.#fault(`entry ${seq} has ${content.length} of ${bytes} bytes`);
    const fault = patternFault(content, offset);
    if (fault !== undefined) this.#fault(`entry ${seq}: ${fault}`);
    this.receivedBytes += bytes;
  }

  #fault(text: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(`${this.#name}: ${text}`);
  }
}
