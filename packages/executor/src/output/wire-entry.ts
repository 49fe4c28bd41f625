import type { Encoding, Include, LogEntry } from '@cc-executor/protocol';
import type { StoredEntry } from './stored-entry.ts';

/** The entry as it goes over the wire. Invalid UTF-8 becomes U+FFFD under `utf8`; `base64` is exact. */
export function toWire(entry: StoredEntry, encoding: Encoding): LogEntry {
  if (entry.type !== 'output') return entry;
  return {
    type: 'output',
    seq: entry.seq,
    offset: entry.offset,
    bytes: entry.data.length,
    stream: entry.stream,
    encoding,
    data: entry.data.toString(encoding),
  };
}

/** Whether a follower that asked for `include` wants this entry. */
export function isIncluded(entry: StoredEntry, include: ReadonlySet<Include>): boolean {
  return (entry.type !== 'output' && entry.type !== 'event') || include.has(entry.type);
}
