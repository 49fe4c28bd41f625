import type { Command, CommandContext } from './command-context.ts';
import { HelpRequest, UsageError } from './command-errors.ts';
import { commands } from './commands.ts';
import { describeError } from './describe-error.ts';
import { exitCodes } from './exit-codes.ts';
import { readVersion } from './version.ts';
import { isOutputClosed, writeOut } from './write-out.ts';

/**
 * Runs a command line and reports what goes wrong: a line on what happened, a line on what to do.
 *
 * @param args without the program's own name
 * @returns the exit code
 */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  const [name = '', ...rest] = args;
  try {
    if (name === '--version' || name === '-V') {
      await writeOut(context.stdout, `cc-executor ${readVersion()}\n`);
      return exitCodes.succeeded;
    }
    if (name === '--help' || name === '-h' || name === 'help') {
      const asked = await commands.get(rest[0] ?? '')?.load();
      await writeOut(context.stdout, `${asked?.usage ?? overview()}\n`);
      return exitCodes.succeeded;
    }
    if (name === '') {
      await writeOut(context.stderr, `${overview()}\n`);
      return exitCodes.usage;
    }
    const entry = commands.get(name);
    if (entry === undefined) throw new UsageError(`there is no command '${name}'`);
    return await runCommand(await entry.load(), rest, context);
  } catch (error) {
    if (isOutputClosed(error)) return exitCodes.outputClosed;
    const { message, mend, exitCode } = describeError(error, commands.has(name) ? name : undefined);
    const lines = [`cc-executor: ${message}`, ...(mend === undefined ? [] : [mend])];
    await writeOut(context.stderr, `${lines.join('\n')}\n`).catch(() => undefined);
    return exitCode;
  }
}

async function runCommand(
  command: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  try {
    return await command.run(args, context);
  } catch (error) {
    if (!(error instanceof HelpRequest)) throw error;
    await writeOut(context.stdout, `${command.usage}\n`);
    return exitCodes.succeeded;
  }
}

function overview(): string {
  const rows = [...commands].map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return `Usage: cc-executor COMMAND [options]

Runs commands and fresh Claudes under control.

${rows.join('\n')}

\`cc-executor COMMAND --help\` tells more. --version prints the version.`;
}
