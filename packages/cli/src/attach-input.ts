import { randomJobId, type ExecutorClient } from '@cc-executor/client';
import { RpcError } from '@cc-executor/protocol';
import type { CommandContext } from './command-context.ts';
import { forwardInput, isPiped } from './piped-input.ts';
import { dim } from './terminal-text.ts';

/**
 * Sends what is typed or piped in to a job that somebody else has started, if its input is open.
 *
 * @returns whether it is, or undefined when there is nothing to come from us
 */
export async function attachInput(
  { stdin, stderr }: Pick<CommandContext, 'stdin' | 'stderr'>,
  client: Pick<ExecutorClient, 'call'>,
  jobId: string,
): Promise<boolean | undefined> {
  const isTerminal = stdin.isTTY === true;
  if (!isTerminal && !isPiped(stdin)) return undefined;
  // Each write is told by its id; others have written to this job before.
  const writer = randomJobId();
  const isOpen = await takesInput(client, jobId, writer);
  if (isOpen) {
    // A pipe that holds nothing may be none of our caller's doing: it ends nothing.
    void forwardInput(stdin, client, jobId, { writer, endsWhenEmpty: isTerminal });
  } else if (!isTerminal) {
    stdin.once('data', () => {
      stdin.pause();
      stderr.write(
        `${dim('cc-executor: the job takes no input; what is piped in does not reach it', stderr)}\n`,
      );
    });
  }
  return isOpen;
}

async function takesInput(
  client: Pick<ExecutorClient, 'call'>,
  jobId: string,
  writer: string,
): Promise<boolean> {
  try {
    await client.call('job/write', { jobId, writeId: `${writer}-0`, data: '' });
    return true;
  } catch (error) {
    if (error instanceof RpcError && error.code === 'stdinClosed') return false;
    // It does not read as fast as others write, but it reads.
    if (error instanceof RpcError && error.code === 'overloaded') return true;
    throw error;
  }
}
