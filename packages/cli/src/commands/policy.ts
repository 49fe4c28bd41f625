import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { everydayCommands, Policy, type PolicyConfig } from '@cc-executor/executor';
import type { Command } from '../command-context.ts';
import { CommandError, UsageError } from '../command-errors.ts';
import { readConfigFile } from '../config-file.ts';
import { defaultConfigFile } from '../default-paths.ts';
import { readEnvironment } from '../environment-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { parseOptions } from '../parse-options.ts';
import { addAllowedCommands } from '../serve-settings.ts';
import { writeOut } from '../write-out.ts';

/** Shows what an executor that is started here and now would allow. */
export const policy: Command = {
  usage: `Usage: cc-executor policy show [--config FILE] [--json]

Shows the policy of an executor that is started here and now, and the file to edit. One that runs already
keeps the policy it was started with: \`cc-executor stop\` makes room for a new one.`,

  async run(args, context) {
    const { values, positionals } = parseOptions(args, {
      config: { type: 'string' },
      json: { type: 'boolean' },
    });
    if (positionals.length !== 1 || positionals[0] !== 'show') throw new UsageError('policy knows: show');
    const { env, cwd } = context;
    const file = values.config === undefined ? defaultConfigFile(env) : resolve(cwd, values.config);
    const config = await readConfigFile(file, { mustExist: values.config !== undefined });
    const effective = addAllowedCommands(config.policy, readEnvironment(env));
    const { allow, deny } = describeRules(effective, file);
    const text =
      values.json === true
        ? JSON.stringify({ file, ...effective, allow, deny })
        : policyLines(effective, { file, allow, deny }).join('\n');
    await writeOut(context.stdout, `${text}\n`);
    return exitCodes.succeeded;
  },
};

function describeRules(config: PolicyConfig, file: string): { allow: string[]; deny: string[] } {
  try {
    return new Policy(config, file).describe();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError('settings', `In ${file}: ${reason}`, 'Mend the rule', { cause: error });
  }
}

function policyLines(
  config: PolicyConfig,
  { file, allow, deny }: { file: string; allow: readonly string[]; deny: readonly string[] },
): string[] {
  const { shell, claude, cwdRoots, environment } = config;
  const added = config.everydayCommands ? allow.slice(everydayCommands.length) : allow;
  const maxima = [
    ...(claude.maxBudgetUsd === undefined ? [] : [`at most $${claude.maxBudgetUsd} a job`]),
    ...(claude.maxTurns === undefined ? [] : [`at most ${claude.maxTurns} turns a job`]),
  ];
  const variables = Object.entries(environment).map(([program, names]) => `${program}: ${names.join(' ')}`);
  return [
    `file         ${file}${existsSync(file) ? '' : ' (does not exist; the defaults hold)'}`,
    `shell lines  ${shell === 'full' ? 'allowed: any line runs, and so does any command' : 'refused'}`,
    `claude jobs  ${claude.allowed ? ['allowed', ...maxima].join(', ') : 'refused'}`,
    ...(claude.allowed ? [`  modes      ${claude.permissionModes.join(' ')}`] : []),
    `folders      ${cwdRoots.length === 0 ? 'any' : cwdRoots.join(' ')}`,
    `variables    ${variables.length === 0 ? 'none' : variables.join('; ')}`,
    `deny         ${deny.length === 0 ? 'nothing' : deny.join(', ')}`,
    `allow        ${added.length === 0 ? 'nothing' : added.join(', ')}`,
    ...(config.everydayCommands ? [`everyday     ${everydayCommands.join(' ')}`] : []),
  ];
}
