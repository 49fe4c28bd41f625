import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ClaudePlanError, planClaude, type ClaudePlan } from '@cc-executor/claude';
import { buildEnvironment, resolveProgram, type ResolvedProgram } from '@cc-executor/process';
import { RpcError, type ClaudeSpec, type StartClaudeParams } from '@cc-executor/protocol';
import type { Policy } from '../policy/policy.ts';
import { claudeEnvironmentNames } from './claude-environment.ts';
import type { Launch } from './launch.ts';
import { resolveCwd } from './working-directory.ts';

/** What planning a Claude rests on. */
export interface ClaudeLaunchContext {
  readonly policy: Policy;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The CLI to use instead of looking for one. */
  readonly claudePath: string | undefined;
  readonly scratchPath: string;
}

/**
 * Judges a Claude job and plans its process.
 *
 * @throws RpcError `policyRefused`, `claudeUnavailable`, `cwdNotFound`, `invalidParams`.
 */
export async function launchClaude(
  params: StartClaudeParams,
  jobId: string,
  context: ClaudeLaunchContext,
): Promise<Launch> {
  const { policy, environment } = context;
  const spec = policy.judgeClaude(params);
  const cwd = await resolveCwd(params.cwd);
  await policy.judgeCwd(cwd);
  const program = await findClaude(context, cwd);
  const scratchPath = join(context.scratchPath, jobId);
  const plan = planRun(spec, scratchPath);
  return {
    kind: 'claude',
    plan,
    scratchPath,
    tree: {
      ...program,
      args: plan.args,
      cwd,
      env: buildEnvironment(environment, {
        names: [...claudeEnvironmentNames, ...policy.environmentNames('claude')],
        set: plan.env,
      }),
      stdin: 'pipe',
    },
  };
}

function planRun(spec: ClaudeSpec, scratchDir: string): ClaudePlan {
  try {
    return planClaude(spec, { sessionId: randomUUID(), scratchDir });
  } catch (error) {
    if (!(error instanceof ClaudePlanError)) throw error;
    const problems = [{ path: error.option, message: error.message }];
    throw new RpcError('invalidParams', error.message, { problems }, { cause: error });
  }
}

/** Looks on PATH and where the CLI's own installers put it. */
async function findClaude(context: ClaudeLaunchContext, cwd: string): Promise<ResolvedProgram> {
  const { claudePath, environment } = context;
  const home = environment['HOME'];
  const candidates =
    claudePath === undefined
      ? [
          'claude',
          ...(home === undefined
            ? []
            : [join(home, '.local/bin/claude'), join(home, '.claude/local/claude')]),
        ]
      : [claudePath];
  for (const candidate of candidates) {
    const found = await resolveProgram(candidate, { path: environment['PATH'] ?? '', cwd }).catch(
      () => undefined,
    );
    if (found !== undefined) return found;
  }
  throw new RpcError(
    'claudeUnavailable',
    `No Claude CLI was found (looked for ${candidates.join(', ')}). Install it with "npm install -g @anthropic-ai/claude-code", or set CC_EXECUTOR_CLAUDE_PATH`,
    { looked: candidates },
  );
}
