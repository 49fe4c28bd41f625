import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { AllowRuleConfig } from './policy-config.ts';
import { splitPlainWords } from './plain-words.ts';

/** A compiled rule: which program, and which argument tokens. */
export interface Rule {
  /** As it was written, for refusals. */
  readonly text: string;
  /** A name, the real path of a file, or `*`. */
  readonly program: string;
  /** Undefined: any arguments. `*` matches one token, and any number of them at the end. */
  readonly args: readonly string[] | undefined;
  /** Whether what it allows stays out of a namespace. */
  readonly isPortable: boolean;
}

/** What a rule is matched against. */
export interface Invocation {
  /** The program as asked for, such as `git`. */
  readonly name: string;
  /** Its absolute real path. */
  readonly file: string;
  readonly args: readonly string[];
}

/** Compiles a rule; a string that is no plain words is an error of the policy file. */
export function compileRule(config: AllowRuleConfig): Rule {
  if (typeof config !== 'string') {
    const text = [config.program, ...(config.args ?? [])].join(' ');
    const isPortable = config.containment === 'portable';
    return { text, program: realProgram(config.program), args: config.args, isPortable };
  }
  // `*` has a meaning of its own in a rule, so it is no reason to call the rule a shell line.
  const words = splitPlainWords(config.replaceAll('*', '\u{F0000}'))?.map((word) =>
    word.replaceAll('\u{F0000}', '*'),
  );
  const [program, ...args] = words ?? [];
  if (program === undefined) throw new TypeError(`policy rule is not a list of plain words: ${config}`);
  const isOpen = args.length === 0;
  return {
    text: config,
    program: realProgram(program),
    args: isOpen ? undefined : args,
    isPortable: false,
  };
}

/** Whether an allowing rule speaks of this invocation. A name without a slash matches the program as asked for. */
export function matchesRule(rule: Rule, invocation: Invocation): boolean {
  return speaksOf(rule, invocation, [invocation.name]);
}

/** Whether a denying rule speaks of it. A name matches whatever the program is called, also at the end of a path. */
export function matchesDenyRule(rule: Rule, invocation: Invocation): boolean {
  const { name, file } = invocation;
  return speaksOf(rule, invocation, [name, basename(name), basename(file)]);
}

function speaksOf(rule: Rule, { file, args }: Invocation, names: readonly string[]): boolean {
  const programs = rule.program.includes('/') ? [file] : names;
  if (rule.program !== '*' && !programs.includes(rule.program)) return false;
  return rule.args === undefined || matchesArgs(rule.args, args);
}

/** Invocations carry real paths, so a rule that names a link would speak of nothing. */
function realProgram(program: string): string {
  if (!program.includes('/')) return program;
  try {
    return realpathSync(program);
  } catch {
    return program;
  }
}

function matchesArgs(pattern: readonly string[], args: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === '*';
  const fixed = isOpen ? pattern.slice(0, -1) : pattern;
  if (isOpen ? args.length < fixed.length : args.length !== fixed.length) return false;
  return fixed.every((token, index) => token === '*' || token === args[index]);
}
