import type { Readable, Writable } from 'node:stream';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { errorResult } from './error-result.ts';
import { cancellationCause } from './stop-cause.ts';
import type { Tool, ToolResult } from './tool.ts';

/** What is served. */
export interface McpServiceOptions {
  readonly name: string;
  readonly version: string;
  readonly instructions: string;
  readonly tools: readonly Tool[];
  /** One line per finished call: tool, success, duration; never what was asked or answered. */
  readonly log: (line: string) => void;
}

/** MCP over a pair of streams. */
export function stdioTransport(stdin: Readable, stdout: Writable): Transport {
  return new StdioServerTransport(stdin, stdout);
}

/** Serves tools over a transport. Disposing of it stops calls with the cause `closed`. */
export async function serveMcp(transport: Transport, options: McpServiceOptions): Promise<AsyncDisposable> {
  const { name, version, tools, log } = options;
  const server = new McpServer({ name, version }, { instructions: options.instructions });
  let isClosed = false;
  // The SDK calls this before it aborts the calls in flight.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it is no event target
  transport.onclose = () => {
    isClosed = true;
  };
  for (const tool of tools) {
    const { description, title, input, annotations, meta } = tool;
    const config = { title, description, inputSchema: input, annotations: { title, ...annotations } };
    server.registerTool(
      tool.name,
      meta === undefined ? config : { ...config, _meta: meta },
      async (args: unknown, { signal, sendNotification, _meta }) => {
        const startedAt = performance.now();
        const progressToken = _meta?.progressToken;
        const callId = _meta?.['claudecode/toolUseId'];
        let progress = 0;
        const result = await settle(() =>
          tool.run(args, {
            signal,
            callId: typeof callId === 'string' ? callId : undefined,
            stopCause: () => (isClosed ? 'closed' : cancellationCause(signal.reason)),
            progress: (message) => {
              if (progressToken === undefined) return;
              const params = { progressToken, progress: ++progress, message };
              // A client that is gone is noticed elsewhere.
              sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
            },
          }),
        );
        const durationMs = Math.round(performance.now() - startedAt);
        const word = signal.aborted ? 'stopped' : result.isError ? 'error' : 'ok';
        log(`${tool.name} ${word} durationMs=${durationMs}`);
        return { content: [{ type: 'text', text: result.text }], isError: result.isError };
      },
    );
  }
  await server.connect(transport);
  return { [Symbol.asyncDispose]: () => server.close() };
}

/** Errors are results, so that the model sees them. */
async function settle(run: () => Promise<ToolResult>): Promise<ToolResult> {
  try {
    return await run();
  } catch (error) {
    return errorResult(error);
  }
}
