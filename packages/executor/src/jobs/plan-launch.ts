import type { ProcessHost } from '@cc-executor/process';
import type { ResourceLimits, StartJobParams } from '@cc-executor/protocol';
import { checkLimits } from './admission.ts';
import { strictestLimits } from './job-limits.ts';
import { launchClaude, type ClaudeLaunchContext } from './launch-claude.ts';
import { launchCommand } from './launch-command.ts';
import type { Launch } from './launch.ts';

/** What planning any job rests on. */
export interface LaunchContext extends ClaudeLaunchContext {
  readonly host: ProcessHost;
  /** What holds for every job. */
  readonly config: { readonly limits: ResourceLimits | undefined };
}

/**
 * Judges a job and plans its process.
 *
 * @throws RpcError `policyRefused`, `programNotFound`, `cwdNotFound`, `claudeUnavailable`, `limitsUnavailable`,
 * `invalidParams`.
 */
export async function planLaunch(
  params: StartJobParams,
  jobId: string,
  context: LaunchContext,
): Promise<Launch> {
  checkLimits(params.limits, context.host);
  const launch =
    params.kind === 'command'
      ? await launchCommand(params, context)
      : await launchClaude(params, jobId, context);
  const limits = strictestLimits(context.config.limits, params.limits);
  return limits === undefined ? launch : { ...launch, tree: { ...launch.tree, limits } };
}
