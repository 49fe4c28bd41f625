import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { RpcError, type ClaudeSpec } from '@cc-executor/protocol';
import { everydayCommands } from './everyday-commands.ts';
import type { PolicyConfig } from './policy-config.ts';
import { compileRule, matchesDenyRule, matchesRule, type Invocation, type Rule } from './rule.ts';

/**
 * What may run: default deny, `deny` wins.
 *
 * An allow-list is not a sandbox: most allowed programs can start others.
 */
export class Policy {
  readonly config: PolicyConfig;
  /** Changes when the policy does. */
  readonly hash: string;
  /** Where an operator mends it. */
  readonly file: string;
  readonly #allow: readonly Rule[];
  readonly #deny: readonly Rule[];

  /** @throws TypeError for a rule that cannot be read. */
  constructor(config: PolicyConfig, file: string) {
    this.config = config;
    this.file = file;
    this.hash = createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16);
    this.#deny = config.deny.map(compileRule);
    this.#allow = [...(config.everydayCommands ? everydayCommands : []), ...config.allow].map(compileRule);
  }

  /** The rules in force, for people. */
  describe(): { allow: string[]; deny: string[] } {
    const allow = this.#allow.map(({ text, isPortable }) => (isPortable ? `${text} (portable)` : text));
    return { allow, deny: this.#deny.map((rule) => rule.text) };
  }

  /** @throws RpcError `policyRefused` unless a rule allows it and none denies it. */
  judgeCommand(invocation: Invocation): void {
    const denied = this.#deny.find((rule) => matchesDenyRule(rule, invocation));
    if (denied !== undefined) {
      throw this.#refusal(
        `Policy denies ${invocation.name}: rule "${denied.text}" in "deny"`,
        `deny: ${denied.text}`,
        `remove "${denied.text}" from policy.deny`,
      );
    }
    if (!this.#allow.some((rule) => matchesRule(rule, invocation))) {
      throw this.#refusal(
        `Policy does not allow ${invocation.name}: no rule speaks of it`,
        'default deny',
        `add "${invocation.name}" to policy.allow`,
      );
    }
  }

  /**
   * Whether a command stays out of a namespace. One rule that speaks of it and says so is enough, wherever it stands:
   * rules have no order, and the built-in ones say nothing about it.
   */
  isPortable(invocation: Invocation): boolean {
    return this.#allow.some((rule) => rule.isPortable && matchesRule(rule, invocation));
  }

  /** @throws RpcError `policyRefused` unless any shell line may run. */
  judgeShell(): void {
    if (this.config.shell === 'full') return;
    throw this.#refusal(
      'Policy allows no shell lines; pass argv, or a command of plain words without pipes, redirections, globs or expansions',
      'shell: off',
      'set policy.shell to "full"',
    );
  }

  /** The variables that a program may be given. */
  environmentNames(program: string): string[] {
    const { environment } = this.config;
    // A program may be called `constructor`.
    const own = Object.hasOwn(environment, program) ? environment[program] : undefined;
    return [...(environment['*'] ?? []), ...(own ?? [])];
  }

  /** @throws RpcError `policyRefused` for a variable that policy does not list for the program. */
  judgeEnvironment(program: string, names: readonly string[]): void {
    const listed = this.environmentNames(program);
    const refused = names.find((name) => !listed.includes(name));
    if (refused === undefined) return;
    throw this.#refusal(
      `Policy does not let a job set ${refused} for ${program}`,
      'environment',
      `add "${refused}" to policy.environment["${program}"]`,
    );
  }

  /** @throws RpcError `policyRefused` when the folder lies outside the roots. `cwd` is a real path. */
  async judgeCwd(cwd: string): Promise<void> {
    if (this.config.cwdRoots.length === 0) return;
    for (const root of this.config.cwdRoots) {
      const real = await realpath(root).catch(() => root);
      if (cwd === real || cwd.startsWith(real.endsWith('/') ? real : `${real}/`)) return;
    }
    throw this.#refusal(
      `Policy does not allow work in ${cwd}`,
      'cwdRoots',
      `add "${cwd}" to policy.cwdRoots`,
    );
  }

  /**
   * The Claude job as it may run: maxima of the policy are filled in where it asks for none.
   *
   * @throws RpcError `policyRefused` when Claude jobs, the permission mode or a figure are not allowed.
   */
  judgeClaude<S extends ClaudeSpec>(spec: S): S {
    const { allowed, permissionModes, maxBudgetUsd, maxTurns } = this.config.claude;
    if (!allowed)
      throw this.#refusal(
        'Policy allows no Claude jobs',
        'claude.allowed',
        'set policy.claude.allowed to true',
      );
    if (spec.permissionMode !== undefined && !permissionModes.includes(spec.permissionMode)) {
      throw this.#refusal(
        `Policy does not allow the permission mode ${spec.permissionMode}`,
        'claude.permissionModes',
        `add "${spec.permissionMode}" to policy.claude.permissionModes`,
      );
    }
    const capped = { ...spec };
    if (maxBudgetUsd !== undefined) {
      this.#judgeMaximum('maxBudgetUsd', spec.maxBudgetUsd, maxBudgetUsd);
      capped.maxBudgetUsd ??= maxBudgetUsd;
    }
    if (maxTurns !== undefined) {
      this.#judgeMaximum('maxTurns', spec.maxTurns, maxTurns);
      capped.maxTurns ??= maxTurns;
    }
    return capped;
  }

  #judgeMaximum(name: string, asked: number | undefined, maximum: number): void {
    if (asked === undefined || asked <= maximum) return;
    throw this.#refusal(
      `Policy allows a ${name} of at most ${maximum}, not ${asked}`,
      `claude.${name}`,
      `raise policy.claude.${name}`,
    );
  }

  #refusal(message: string, rule: string, mend: string): RpcError {
    return new RpcError('policyRefused', `${message}. To allow it, ${mend} in ${this.file}`, {
      rule,
      file: this.file,
      mend,
    });
  }
}
