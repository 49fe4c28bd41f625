import type { Command } from './command-context.ts';
import { run } from './commands/run.ts';
import { serve } from './commands/serve.ts';
import { stop } from './commands/stop.ts';

/** All commands, in the order in which help lists them. */
export const commands: ReadonlyMap<string, Command> = new Map([
  ['serve', serve],
  ['run', run],
  ['stop', stop],
]);
