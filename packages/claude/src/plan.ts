import { isAbsolute, join } from 'node:path';
import type { ClaudeSpec } from '@cc-executor/protocol';
import { interruptLine, userMessageLine } from './input-line.ts';
import { ClaudePlanError } from './plan-error.ts';

/** Most bytes in one argument: Linux counts the terminating NUL against 128 KiB. */
const MAX_ARGUMENT_BYTES = 131_071;

/** What a plan needs besides the caller's wishes. */
export interface PlanClaudeOptions {
  /** The UUID of the session that this run creates. Unused when it continues `spec.sessionId` in place. */
  readonly sessionId: string;
  /** An absolute folder of this run alone, for the files of the plan. */
  readonly scratchDir: string;
  /**
   * Lets the Claude start work that outlives its turn. The run then ends only when that work does.
   * @default false
   */
  readonly backgroundTasks?: boolean;
}

/** How to start one Claude, as data. Whoever carries it out owns the process. */
export interface ClaudePlan {
  /** Arguments after the program. */
  readonly args: string[];
  /** Variables to set on top of what signs Claude in. */
  readonly env: Record<string, string>;
  /** To be written before the start, for the owner's eyes only: prompts and credentials may be in them. */
  readonly files: { readonly path: string; readonly content: string }[];
  /** The session that the run will report. */
  readonly sessionId: string;
  /** Lines for standard input. Nothing is asked until the first user message. */
  readonly input: { readonly userMessage: typeof userMessageLine; readonly interrupt: typeof interruptLine };
}

/**
 * Turns launch options into arguments, environment and files.
 *
 * @throws {ClaudePlanError} when the options cannot reach the CLI unharmed
 */
export function planClaude(spec: ClaudeSpec, options: PlanClaudeOptions): ClaudePlan {
  const files: { path: string; content: string }[] = [];
  const file = (name: string, content: string | undefined): string | undefined => {
    if (content === undefined) return undefined;
    const path = join(options.scratchDir, name);
    files.push({ path, content });
    return path;
  };
  const session = sessionFlags(spec, options.sessionId);
  const flags: [flag: string, value: string | number | undefined][] = [
    ['model', spec.model],
    ['permission-mode', spec.permissionMode],
    ['max-turns', spec.maxTurns],
    ['max-budget-usd', spec.maxBudgetUsd],
    ['setting-sources', spec.settingSources?.join(',')],
    ['json-schema', spec.outputSchema && JSON.stringify(spec.outputSchema)],
    // In files, because arguments are short and every user of the machine can read them.
    ['system-prompt-file', file('system-prompt.txt', spec.systemPrompt)],
    ['append-system-prompt-file', file('append-system-prompt.txt', spec.appendSystemPrompt)],
    ['mcp-config', file('mcp.json', spec.mcpServers && JSON.stringify({ mcpServers: spec.mcpServers }))],
    ...(spec.allowedTools ?? []).map((tool): [string, string] => ['allowedTools', tool]),
    ...(spec.disallowedTools ?? []).map((tool): [string, string] => ['disallowedTools', tool]),
    ...(spec.addDirs ?? []).map((dir): [string, string] => ['add-dir', absolute(dir)]),
  ];
  return {
    args: [
      '-p',
      '--input-format=stream-json',
      '--output-format=stream-json',
      '--verbose',
      '--include-partial-messages',
      ...session.args,
      ...(spec.bare === true ? ['--bare'] : []),
      ...(spec.mcpServers === undefined ? [] : ['--strict-mcp-config']),
      ...flags.flatMap(([flag, value]) => (value === undefined ? [] : [argument(flag, String(value))])),
    ],
    env: {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      ...(options.backgroundTasks !== true && { CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1' }),
    },
    files,
    sessionId: session.sessionId,
    input: { userMessage: userMessageLine, interrupt: interruptLine },
  };
}

function sessionFlags(spec: ClaudeSpec, newId: string): { args: string[]; sessionId: string } {
  if (spec.sessionId === undefined) {
    if (spec.fork === true)
      throw new ClaudePlanError('forkWithoutSession', 'fork', 'needs a sessionId to copy');
    return { args: [`--session-id=${newId}`], sessionId: newId };
  }
  const resume = `--resume=${spec.sessionId}`;
  if (spec.fork !== true) return { args: [resume], sessionId: spec.sessionId };
  return { args: [resume, '--fork-session', `--session-id=${newId}`], sessionId: newId };
}

/**
 * Flag and value in one argument: a value that begins with `-` stays a value, and a flag that takes many
 * values finds nothing to swallow behind it.
 */
function argument(flag: string, value: string): string {
  const whole = `--${flag}=${value}`;
  const bytes = Buffer.byteLength(whole);
  if (bytes > MAX_ARGUMENT_BYTES) {
    const message = `takes ${bytes} bytes as an argument, at most ${MAX_ARGUMENT_BYTES} are possible`;
    throw new ClaudePlanError('argumentTooLong', flag, message);
  }
  if (whole.includes('\0')) throw new ClaudePlanError('argumentHasNul', flag, 'must not contain NUL');
  return whole;
}

function absolute(dir: string): string {
  if (!isAbsolute(dir)) throw new ClaudePlanError('dirNotAbsolute', 'add-dir', `${dir} is not absolute`);
  return dir;
}
