import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { runStdioBridge, type StdioBridgeOptions } from './run-stdio-bridge.ts';

/** A bridge over real streams, and an MCP client at their other end. */
export interface TestBridge extends AsyncDisposable {
  readonly client: Client;
  readonly stdin: PassThrough;
  readonly stdout: PassThrough;
  readonly logLines: readonly string[];
  /** Resolves when the bridge has ended. */
  readonly ended: Promise<void>;
  /** Calls a tool. */
  call(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<TestResult>;
}

export interface TestResult {
  readonly text: string;
  /** The lines of the text. */
  readonly lines: string[];
  readonly isError: boolean;
}

export interface CallOptions {
  readonly onProgress?: (message: string, progress: number) => void;
  readonly signal?: AbortSignal;
  readonly toolUseId?: string;
}

/** Starts a bridge for one test. */
export async function startTestBridge(
  options: Pick<StdioBridgeOptions, 'connect'> & Partial<StdioBridgeOptions>,
): Promise<TestBridge> {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const logLines: string[] = [];
  const ended = runStdioBridge({
    stdin,
    stdout,
    cwd: '/home/ada',
    version: '1.2.3',
    log: (line) => logLines.push(line),
    ...options,
  });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(streamTransport(stdout, stdin));
  return {
    client,
    stdin,
    stdout,
    logLines,
    ended,
    call: async (name, args, { onProgress, signal, toolUseId } = {}) => {
      const params = {
        name,
        arguments: args,
        ...(toolUseId === undefined ? {} : { _meta: { 'claudecode/toolUseId': toolUseId } }),
      };
      const result = await client.callTool(params, undefined, {
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined
          ? {}
          : { onprogress: ({ message = '', progress }) => onProgress(message, progress) }),
      });
      const [first] = result.content as { text: string }[];
      const text = first?.text ?? '';
      return { text, lines: text.split('\n'), isError: result.isError === true };
    },
    [Symbol.asyncDispose]: async () => {
      stdin.end();
      await ended;
    },
  };
}

/** The client's side of a stdio connection whose process is this one. */
function streamTransport(input: PassThrough, output: PassThrough): Transport {
  const buffer = new ReadBuffer();
  const transport: Transport = {
    start: async () => {
      input.on('data', (chunk: Buffer) => {
        buffer.append(chunk);
        for (let message = buffer.readMessage(); message !== null; message = buffer.readMessage()) {
          transport.onmessage?.(message);
        }
      });
    },
    send: async (message) => void output.write(serializeMessage(message)),
    close: async () => transport.onclose?.(),
  };
  return transport;
}
