import { ContainmentSetting } from '@cc-executor/executor';
import { z } from 'zod';
import { CommandError } from './command-errors.ts';

/** Levels of the log, most important first. */
export const LogLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
export type LogLevel = z.infer<typeof LogLevel>;

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** The settings that the environment may carry. Empty variables count as not set. */
const EnvironmentSettings = z.object({
  /** At least what fits into a header. */
  CC_EXECUTOR_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/, 'must be printable ASCII without spaces')
    .optional(),
  /** Seconds, for commands and Claude jobs alike. */
  CC_EXECUTOR_DEFAULT_TIMEOUT: z.coerce
    .number('must be a number of seconds')
    .positive('must be above 0')
    .max(14 * 24 * 3600, 'must be at most 14 days')
    .optional(),
  CC_EXECUTOR_ALLOWED_COMMANDS: list.optional(),
  ALLOWED_COMMANDS: list.optional(),
  CC_EXECUTOR_CLAUDE_PATH: z.string().optional(),
  CC_EXECUTOR_CONTAINMENT: ContainmentSetting.optional(),
  CC_EXECUTOR_LOG_LEVEL: LogLevel.optional(),
});
export type EnvironmentSettings = z.infer<typeof EnvironmentSettings>;

/** @throws CommandError `settings`, naming the variable. Values are not repeated: one of them is a secret. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentSettings {
  const set = Object.fromEntries(
    Object.keys(EnvironmentSettings.shape).flatMap((name) => {
      const value = env[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
  const parsed = EnvironmentSettings.safeParse(set);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ');
  throw new CommandError('settings', `The environment is wrong: ${problems}`, 'Change or unset it');
}
