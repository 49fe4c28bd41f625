import { PermissionMode } from '@cc-executor/protocol';
import { z } from 'zod';
import type { BridgeServices } from '../bridge-services.ts';
import { callJobId } from '../call-job-id.ts';
import { runJob } from '../jobs/run-job.ts';
import { defineTool, type Tool } from '../tool.ts';
import {
  absolutePath,
  backgroundField,
  cwdField,
  defined,
  timeoutField,
  timeoutMs,
  waitSecondsField,
} from './tool-input.ts';

const input = z.strictObject({
  prompt: z.string().min(1).describe('The whole task: it knows nothing of this conversation'),
  cwd: cwdField,
  timeout: timeoutField('3600'),
  model: z.string().min(1).optional().describe('Such as opus, sonnet or haiku'),
  session_id: z.string().optional().describe('Continue this session instead of starting an empty one'),
  fork: z.boolean().optional().describe('With session_id: continue in a copy'),
  allowed_tools: z
    .array(z.string().min(1))
    .optional()
    .describe('Tools that need no permission, such as Read or Bash(git diff *)'),
  disallowed_tools: z.array(z.string().min(1)).optional(),
  permission_mode: PermissionMode.optional().describe('Default: what would ask is denied'),
  system_prompt: z.string().optional().describe('Replaces the system prompt'),
  append_system_prompt: z.string().optional(),
  max_turns: z.number().int().min(1).optional(),
  max_budget_usd: z.number().positive().optional(),
  output_schema: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('JSON Schema; the answer is then JSON that meets it'),
  add_dirs: z.array(z.string().min(1)).optional().describe('More folders that it may read and write'),
  wait_seconds: waitSecondsField,
  background: backgroundField,
});

/** Launches a fresh Claude as a job. */
export function executeClaudeTool(services: BridgeServices): Tool {
  return defineTool({
    name: 'execute_claude',
    title: 'Launch a fresh Claude',
    description:
      'Launch a fresh Claude with its own empty context and return its final answer with cost, tokens and session id. For several at once use background=true for each, then one wait. Limits come as outcome=limited with what to do.',
    input,
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    run: async (args, context) => {
      const params = {
        kind: 'claude',
        jobId: callJobId(context.callId, 'execute_claude'),
        prompt: args.prompt,
        cwd: absolutePath(services.cwd, args.cwd),
        onDetach: 'keep',
        ...timeoutMs(args.timeout),
        ...defined({
          model: args.model,
          sessionId: args.session_id,
          fork: args.fork,
          allowedTools: args.allowed_tools,
          disallowedTools: args.disallowed_tools,
          permissionMode: args.permission_mode,
          systemPrompt: args.system_prompt,
          appendSystemPrompt: args.append_system_prompt,
          maxTurns: args.max_turns,
          maxBudgetUsd: args.max_budget_usd,
          outputSchema: args.output_schema,
          addDirs: args.add_dirs?.map((folder) => absolutePath(services.cwd, folder)),
        }),
      } as const;
      const stay = { waitSeconds: args.wait_seconds, isBackground: args.background };
      return runJob(services, params, stay, context);
    },
  });
}
