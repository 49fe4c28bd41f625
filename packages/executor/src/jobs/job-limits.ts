import type { ResourceLimits } from '@cc-executor/process';
import type { ResourceLimits as AskedLimits } from '@cc-executor/protocol';

const names = ['openFiles', 'coreBytes', 'fileBytes', 'cpuSeconds', 'dataBytes'] as const;

/**
 * The limits of a job: of the executor's and its own, the smaller of each. So a job may lower what the operator
 * has set, and never raise it.
 *
 * @returns undefined when there is none.
 */
export function strictestLimits(...all: readonly (AskedLimits | undefined)[]): ResourceLimits | undefined {
  const limits = names.flatMap((name) => {
    const values = all.flatMap((limits) => limits?.[name] ?? []);
    return values.length === 0 ? [] : [[name, Math.min(...values)] as const];
  });
  return limits.length === 0 ? undefined : Object.fromEntries(limits);
}
