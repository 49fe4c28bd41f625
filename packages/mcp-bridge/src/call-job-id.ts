import { createHash } from 'node:crypto';
import { randomJobId } from '@cc-executor/client';

/** Shorter ids, such as `call_1`, come again in other conversations and would bring an old job's result. */
const MIN_UNIQUE_CHARS = 24;

/** The job id of a call: the same when the client repeats the call, so that it starts nothing twice. */
export function callJobId(callId: string | undefined, toolName: string): string {
  if (callId === undefined || callId.length < MIN_UNIQUE_CHARS) return randomJobId();
  const hash = createHash('sha256').update(`${toolName}\n${callId}`).digest('hex');
  return `j_${hash.slice(0, 24)}`;
}
