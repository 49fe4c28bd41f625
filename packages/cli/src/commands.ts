import type { Command } from './command-context.ts';
import { keepHeapSmall } from './small-heap.ts';

/** A command before it is needed: loading all of them takes longer than most take to run. */
export interface CommandEntry {
  /** One line for the list of commands. */
  readonly summary: string;
  load(): Promise<Command>;
}

const control = async () => (await import('./commands/control.ts')).controlCommand;

/** All commands, in the order in which help lists them. */
export const commands: ReadonlyMap<string, CommandEntry> = new Map([
  entry('run', 'run a command', async () => (await import('./commands/run.ts')).run),
  entry('claude', 'give a task to a fresh Claude', async () => (await import('./commands/claude.ts')).claude),
  entry('mcp', 'serve MCP over stdin and stdout', async () => (await import('./commands/mcp.ts')).mcp),
  entry('ps', 'list jobs', async () => (await import('./commands/ps.ts')).ps),
  entry('logs', 'show what a job has printed', async () => (await import('./commands/logs.ts')).logs),
  entry('attach', 'join a job that runs', async () => (await import('./commands/attach.ts')).attach),
  entry('wait', 'wait until jobs have ended', async () => (await import('./commands/wait.ts')).wait),
  entry('pause', 'stop every process of a job for a while', async () => (await control())('pause')),
  entry('resume', 'let a paused job go on', async () => (await control())('resume')),
  entry('interrupt', 'interrupt a job as Ctrl-C would', async () => (await control())('interrupt')),
  entry('cancel', 'end a job with all that it has started', async () => (await control())('cancel')),
  entry('policy', 'show what may run', async () => (await import('./commands/policy.ts')).policy),
  entry('serve', 'run an executor in the foreground', loadServe),
  entry('stop', 'end the executor and all its jobs', async () => (await import('./commands/stop.ts')).stop),
]);

async function loadServe(): Promise<Command> {
  keepHeapSmall();
  return (await import('./commands/serve.ts')).serve;
}

function entry(name: string, summary: string, load: () => Promise<Command>): readonly [string, CommandEntry] {
  return [name, { summary, load }];
}
