import type { Command } from './command-context.ts';
import { claude } from './commands/claude.ts';
import { controlCommand } from './commands/control.ts';
import { logs } from './commands/logs.ts';
import { mcp } from './commands/mcp.ts';
import { policy } from './commands/policy.ts';
import { ps } from './commands/ps.ts';
import { run } from './commands/run.ts';
import { serve } from './commands/serve.ts';
import { stop } from './commands/stop.ts';
import { wait } from './commands/wait.ts';

/** All commands, in the order in which help lists them. */
export const commands: ReadonlyMap<string, Command> = new Map([
  ['run', run],
  ['claude', claude],
  ['mcp', mcp],
  ['ps', ps],
  ['logs', logs],
  ['wait', wait],
  ['pause', controlCommand('pause')],
  ['resume', controlCommand('resume')],
  ['interrupt', controlCommand('interrupt')],
  ['cancel', controlCommand('cancel')],
  ['policy', policy],
  ['serve', serve],
  ['stop', stop],
]);
