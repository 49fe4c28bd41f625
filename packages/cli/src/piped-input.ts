import { fstatSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutorClient } from '@cc-executor/client';
import { RpcError } from '@cc-executor/protocol';
import type { Input } from './command-context.ts';

/** Largest piece that is sent at once, in bytes. */
const MAX_WRITE_BYTES = 256 * 1024;

/** Whether somebody pipes something in. A terminal does not count, and neither does /dev/null. */
export function isPiped(stdin: Input): boolean {
  if (stdin.isTTY === true) return false;
  if (!('fd' in stdin) || typeof stdin.fd !== 'number') return true;
  try {
    return !fstatSync(stdin.fd).isCharacterDevice();
  } catch {
    return false;
  }
}

/** Reads all of it as text. @returns undefined when it is longer than `maxChars` */
export async function readPiped(stdin: Input, maxChars: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stdin) {
    text += decoder.decode(chunk as Buffer, { stream: true });
    if (text.length > maxChars) return undefined;
  }
  return text + decoder.decode();
}

/** Who writes to a job. */
export interface InputWriter {
  /** Tells its writes from those of others to the same job. */
  readonly writer: string;
  /** Whether an end without anything before it ends the job's input, too. */
  readonly endsWhenEmpty: boolean;
}

/** Sends what comes in to a job, as fast as it reads. Ends when either side does; never rejects. */
export async function forwardInput(
  stdin: Input,
  client: Pick<ExecutorClient, 'call'>,
  jobId: string,
  { writer, endsWhenEmpty }: InputWriter,
): Promise<void> {
  let writes = 0;
  try {
    for await (const chunk of stdin) {
      const bytes = chunk as Buffer;
      for (let start = 0; start < bytes.length; start += MAX_WRITE_BYTES) {
        writes += 1;
        const data = bytes.subarray(start, start + MAX_WRITE_BYTES).toString('base64');
        await writePatiently(client, { jobId, writeId: `${writer}-${writes}`, data, encoding: 'base64' });
      }
    }
    if (writes > 0 || endsWhenEmpty) await client.call('job/closeStdin', { jobId });
  } catch {
    // The job reads no more, or the connection is lost; whoever follows the job tells.
  }
}

async function writePatiently(
  client: Pick<ExecutorClient, 'call'>,
  params: { jobId: string; writeId: string; data: string; encoding: 'base64' },
): Promise<void> {
  for (;;) {
    try {
      await client.call('job/write', params);
      return;
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== 'overloaded') throw error;
      await sleep(200);
    }
  }
}
