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

const PREFIX_BYTES = 8;

/** One record of the spool file: lengths of header and payload, the header as JSON, the payload raw. */
export function encodeRecord(entry: StoredEntry): Buffer[] {
  const header = Buffer.from(
    JSON.stringify(
      entry.type === 'output'
        ? { type: entry.type, seq: entry.seq, offset: entry.offset, stream: entry.stream }
        : entry,
    ),
  );
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt32LE(header.length, 0);
  prefix.writeUInt32LE(entry.type === 'output' ? entry.data.length : 0, 4);
  return entry.type === 'output' ? [prefix, header, entry.data] : [prefix, header];
}

/** A record read back, or how many bytes are needed to read it; infinitely many for what is no record. */
export type DecodedRecord =
  { readonly entry: StoredEntry; readonly size: number } | { readonly neededBytes: number };

/** Reads the record that begins at `at`. Records are our own, so the content of a whole one is trusted. */
export function decodeRecord(bytes: Buffer, at: number): DecodedRecord {
  const available = bytes.length - at;
  if (available < PREFIX_BYTES) return { neededBytes: PREFIX_BYTES };
  const headerBytes = bytes.readUInt32LE(at);
  const payloadBytes = bytes.readUInt32LE(at + 4);
  const size = PREFIX_BYTES + headerBytes + payloadBytes;
  if (available < size) return { neededBytes: size };
  const headerStart = at + PREFIX_BYTES;
  const payloadStart = headerStart + headerBytes;
  const header = parseHeader(bytes.toString('utf8', headerStart, payloadStart));
  if (header === undefined) return { neededBytes: Number.POSITIVE_INFINITY };
  const entry =
    header.type === 'output'
      ? { ...header, data: bytes.subarray(payloadStart, payloadStart + payloadBytes) }
      : header;
  return { entry, size };
}

/** A power failure can leave zeros where a record should be. */
function parseHeader(text: string): StoredEntry | undefined {
  try {
    return JSON.parse(text) as StoredEntry;
  } catch {
    return undefined;
  }
}
