import { z } from 'zod';
import type { BridgeServices } from '../bridge-services.ts';
import { callJobId } from '../call-job-id.ts';
import { failure } from '../error-result.ts';
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
  command: z
    .string()
    .min(1)
    .optional()
    .describe('A command line. Plain words need no shell; pipes, globs and the like need policy to allow it'),
  argv: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Program and arguments, used as they are. Either this or command'),
  cwd: cwdField,
  timeout: timeoutField('600'),
  env: z.record(z.string(), z.string()).optional().describe('Variables; policy lists which names may be set'),
  stdin: z
    .enum(['none', 'pipe'])
    .optional()
    .describe('pipe keeps the input open for send_input. Default none'),
  wait_seconds: waitSecondsField,
  background: backgroundField,
});

/** Runs a command as a job. */
export function executeTool(services: BridgeServices): Tool {
  return defineTool({
    name: 'execute',
    title: 'Run a command',
    description:
      'Run a command under the executor. Returns head and tail of its output with exit code, or state=running and a job id when it takes longer than wait_seconds; it then goes on, call wait.',
    input,
    annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: true },
    run: async (args, context) => {
      const { command, argv, env, stdin } = args;
      if ((command === undefined) === (argv === undefined)) {
        return failure('invalidArguments', 'execute takes exactly one of command and argv', []);
      }
      const params = {
        kind: 'command',
        jobId: callJobId(context.callId, 'execute'),
        cwd: absolutePath(services.cwd, args.cwd),
        onDetach: 'keep',
        ...timeoutMs(args.timeout),
        ...defined({ command, argv, env, stdin }),
      } as const;
      const stay = { waitSeconds: args.wait_seconds, isBackground: args.background };
      return runJob(services, params, stay, context);
    },
  });
}
