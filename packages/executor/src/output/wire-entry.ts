import { isUtf8 } from 'node:buffer';
import type { Encoding, Include, LogEntry } from '@cc-executor/protocol';
import { countInvalidBytes } from './invalid-utf8.ts';
import type { ReadEntry } from './readable-log.ts';

/** The entry as it goes over the wire. Invalid UTF-8 becomes U+FFFD under `utf8`; `base64` is exact. */
export function toWire(entry: ReadEntry, encoding: Encoding): LogEntry {
  if (entry.type !== 'output') return entry;
  const { type, seq, offset, stream, data } = entry;
  const isInvalid = encoding === 'utf8' && !isUtf8(data);
  return {
    type,
    seq,
    offset,
    bytes: data.length,
    stream,
    encoding,
    ...(isInvalid && { invalidBytes: countInvalidBytes(data) }),
    data: data.toString(encoding),
  };
}

/** Whether a follower that asked for `include` wants this entry. */
export function isIncluded(entry: ReadEntry, include: ReadonlySet<Include>): boolean {
  return (entry.type !== 'output' && entry.type !== 'event') || include.has(entry.type);
}
