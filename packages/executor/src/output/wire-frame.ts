import { isUtf8 } from 'node:buffer';
import { notificationMethod, type Encoding } from '@cc-executor/protocol';
import type { StoredEntry } from './stored-entry.ts';
import { toWire } from './wire-entry.ts';

/**
 * The notification that carries an entry, ready for the socket. Output is put together as bytes: as an object it
 * would be decoded, escaped and encoded again as text, which takes two to eight times as long (measured).
 */
export function encodeNotification(jobId: string, entry: StoredEntry, encoding: Encoding): string | Buffer {
  if (entry.type !== 'output' || (encoding === 'utf8' && !isUtf8(entry.data))) {
    const params = { jobId, ...toWire(entry, encoding) };
    return JSON.stringify({ jsonrpc: '2.0', method: notificationMethod(entry.type), params });
  }
  const { type, seq, offset, stream, data } = entry;
  const params = JSON.stringify({ jobId, type, seq, offset, bytes: data.length, stream, encoding, data: '' });
  const start = `{"jsonrpc":"2.0","method":"job/output","params":${params.slice(0, -2)}`;
  const text = encoding === 'base64' ? data.toString('base64') : escapeBytes(data);
  const frame = Buffer.allocUnsafe(start.length + text.length + 3);
  frame.write(start, 0, 'latin1');
  frame.write(text, start.length, 'latin1');
  frame.write('"}}', start.length + text.length, 'latin1');
  return frame;
}

/** JSON escapes none but single bytes, so those of UTF-8 may pass through it as if each were a character. */
function escapeBytes(utf8: Buffer): string {
  return JSON.stringify(utf8.toString('latin1')).slice(1, -1);
}
