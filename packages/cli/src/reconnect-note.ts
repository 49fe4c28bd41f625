import type { ReconnectOptions } from '@cc-executor/client';
import type { CommandContext } from './command-context.ts';
import { dim } from './terminal-text.ts';

/** A loss that is over before is not worth a word, in milliseconds. */
const SILENCE_MS = 1_000;
/** The executor cancels a job that nobody has been attached to for 10 s, so to wait much longer is no use. */
const GIVE_UP_MS = 20_000;

/** Comes back after a loss, and tells people at a terminal when that takes a while. */
export function reconnectWithNote({ stderr }: Pick<CommandContext, 'stderr'>): ReconnectOptions {
  let timer: NodeJS.Timeout | undefined;
  let isTold = false;
  const tell = (text: string): void => {
    if (stderr.isTTY === true) stderr.write(`${dim(text, stderr)}\n`);
  };
  return {
    giveUpMs: GIVE_UP_MS,
    onChange: (isConnected) => {
      clearTimeout(timer);
      if (isConnected) {
        if (isTold) tell('connected again');
        isTold = false;
        return;
      }
      timer = setTimeout(() => {
        isTold = true;
        tell(`the connection to the executor is lost; trying for ${GIVE_UP_MS / 1_000} s to come back`);
      }, SILENCE_MS);
      // The client itself keeps us running for as long as it tries.
      timer.unref();
    },
  };
}
