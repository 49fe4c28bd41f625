import type { z } from 'zod';
import type { StopCause } from './stop-cause.ts';

/** What a call gives back: text that is complete in itself. */
export interface ToolResult {
  readonly text: string;
  readonly isError: boolean;
}

/** One call of a tool, as the tool sees it. */
export interface ToolContext {
  /** Aborts when the client cancels the call or is gone. */
  readonly signal: AbortSignal;
  /** Why `signal` aborted. */
  stopCause(): StopCause;
  /** Tells the client, where it listens, that the call goes on. At most one line. */
  progress(message: string): void;
  /** The client's own name for this call, the same when it repeats the call. */
  readonly callId: string | undefined;
}

/** What a client is told about a tool beyond its description. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** A tool whatever its input. `run` gets what `input` has accepted. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly annotations: ToolAnnotations;
  readonly meta?: Record<string, unknown>;
  run(args: unknown, context: ToolContext): Promise<ToolResult>;
}

/** Ties the type of the arguments to the schema. */
export function defineTool<S extends z.ZodObject>(
  tool: Omit<Tool, 'input' | 'run'> & {
    readonly input: S;
    run(args: z.output<S>, context: ToolContext): Promise<ToolResult>;
  },
): Tool {
  // The adapter passes what `input` has parsed, so the arguments have its output type.
  return { ...tool, run: (args, context) => tool.run(args as z.output<S>, context) };
}
