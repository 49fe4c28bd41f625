import { resolve } from 'node:path';
import { randomJobId } from '@cc-executor/client';
import { MAX_PROMPT_CHARS, type MethodInput } from '@cc-executor/protocol';
import { ClaudePrinter } from '../claude-printer.ts';
import type { Command, CommandContext } from '../command-context.ts';
import { UsageError } from '../command-errors.ts';
import { exitCodeOfOutcome } from '../exit-codes.ts';
import { explainClaude } from '../explain-end.ts';
import { followToEnd } from '../follow-to-end.ts';
import { parseOptions, secondsToMs } from '../parse-options.ts';
import { isPiped, readPiped } from '../piped-input.ts';
import { reconnectWithNote } from '../reconnect-note.ts';
import { parseRetention } from '../retention-options.ts';
import { startExecutor } from '../start-executor.ts';
import { readVersion } from '../version.ts';

const options = {
  cwd: { type: 'string' },
  model: { type: 'string' },
  session: { type: 'string' },
  timeout: { type: 'string' },
  json: { type: 'boolean' },
  'max-output': { type: 'string' },
} as const;

/** Gives a task to a fresh Claude. */
export const claude: Command = {
  usage: `Usage: cc-executor claude [options] PROMPT

Launches a Claude with an empty context and prints its answer: as it is written on a terminal, at the end
otherwise. Without PROMPT, or with -, the task is what is piped in. Ctrl-C interrupts it and keeps its
session, a second one cancels it.

  --cwd DIR      where it works (here)
  --model MODEL  such as opus or haiku
  --session ID   go on with an earlier session
  --timeout S    end it after so many seconds
  --json         print each entry of the job's log as a line of JSON
  --max-output SIZE  how much of its log is kept, such as 200M; beyond that the oldest is dropped

Exit codes: 0 succeeded, 1 failed, 3 no executor, 75 limited (try later), 124 timed out, 130 cancelled.`,

  async run(args, context) {
    const { values, positionals } = parseOptions(args, options);
    const timeoutMs = values.timeout === undefined ? undefined : secondsToMs('--timeout', values.timeout);
    const prompt = await readPrompt(positionals, context);
    const params: MethodInput<'job/start'> = {
      kind: 'claude',
      jobId: randomJobId(),
      prompt,
      cwd: resolve(context.cwd, values.cwd ?? '.'),
      ...(values.model !== undefined && { model: values.model }),
      ...(values.session !== undefined && { sessionId: values.session }),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...parseRetention(undefined, values['max-output']),
    };
    const isJson = values.json === true;
    const view = isJson ? 'json' : context.stdout.isTTY === true ? 'stream' : 'final';
    await using client = await startExecutor(context, {
      version: readVersion(),
      reconnect: reconnectWithNote(context),
    });
    const printer = new ClaudePrinter(context, view);
    const started = client.startJob(params);
    const end = await followToEnd({ context, client, started, show: (entry) => printer.show(entry) });
    if (!isJson) await explainClaude(end, context);
    return exitCodeOfOutcome(end.outcome);
  },
};

async function readPrompt(positionals: readonly string[], { stdin }: CommandContext): Promise<string> {
  const [prompt, ...more] = positionals;
  if (more.length > 0) throw new UsageError('the prompt is one argument: put it in quotes');
  if (prompt !== undefined && prompt !== '-') return notEmpty(prompt);
  if (prompt === undefined && !isPiped(stdin))
    throw new UsageError('which task? Pass a prompt, or pipe it in');
  const text = await readPiped(stdin, MAX_PROMPT_CHARS);
  if (text === undefined) throw new UsageError(`a prompt has at most ${MAX_PROMPT_CHARS} characters`);
  return notEmpty(text);
}

function notEmpty(prompt: string): string {
  if (prompt.trim() === '') throw new UsageError('the prompt is empty');
  return prompt;
}
