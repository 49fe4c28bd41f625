import type { LogEntry, OutputStream } from '@cc-executor/protocol';

/** Output as it is kept: raw bytes, which begin and end on whole characters when the stream does. */
export interface OutputEntry {
  readonly type: 'output';
  readonly seq: number;
  readonly offset: number;
  readonly stream: OutputStream;
  readonly data: Buffer;
}

/** Every other kind of entry is kept as it goes over the wire. */
export type PlainEntry = Exclude<LogEntry, { type: 'output' | 'gap' }>;

/** An entry of the output log as it is kept in memory and on disk. */
export type StoredEntry = OutputEntry | PlainEntry;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An entry before the log has numbered and dated it. */
export type NewPlainEntry = DistributiveOmit<PlainEntry, 'seq' | 'at'>;
