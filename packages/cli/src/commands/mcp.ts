import type { ExecutorClient } from '@cc-executor/client';
import { runStdioBridge } from '@cc-executor/mcp-bridge';
import type { Command, CommandContext } from '../command-context.ts';
import { CommandError, UsageError } from '../command-errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseOptions } from '../parse-options.ts';
import { startExecutor } from '../start-executor.ts';
import { stopSignal } from '../stop-signal.ts';
import { readVersion } from '../version.ts';

/** Serves MCP over stdin and stdout. */
export const mcp: Command = {
  usage: `Usage: cc-executor mcp [--url ws://HOST:PORT/ws]

The MCP server: tool calls become jobs of an executor. It starts one when none is running.
Add it to Claude Code: claude mcp add cc_executor -- cc-executor mcp

  --url URL   use this executor, with the token in CC_EXECUTOR_TOKEN`,

  async run(args, context) {
    const { values, positionals } = parseOptions(args, { url: { type: 'string' } });
    if (positionals.length > 0) throw new UsageError(`mcp takes no '${positionals[0]}'`);
    const { url } = values;
    const version = readVersion();
    const { stdin, stdout, stderr, cwd } = context;
    using stopping = stopSignal(context.signals);
    await runStdioBridge({
      connect: (signal) => connectForTools(context, { url, version, signal }),
      stdin,
      stdout,
      cwd,
      version,
      log: (line) => void stderr.write(`cc-executor mcp: ${line}\n`),
      signal: stopping.signal,
    });
    return exitCodes.succeeded;
  },
};

/** What to do must be in the message here: a tool call's answer has no other place for it. */
async function connectForTools(
  context: CommandContext,
  options: { url: string | undefined; version: string; signal: AbortSignal },
): Promise<ExecutorClient> {
  try {
    return await startExecutor(context, options);
  } catch (error) {
    if (!(error instanceof CommandError) || error.mend === undefined) throw error;
    throw new CommandError(error.code, `${error.message}. ${error.mend}`, undefined, { cause: error });
  }
}
