import type { Readable, Writable } from 'node:stream';

/** A stream to people or to a program. */
export type Output = Writable & { readonly isTTY?: boolean };
export type Input = Readable & { readonly isTTY?: boolean };

/** Where SIGINT and SIGTERM arrive. While nobody listens, they end the process. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/** How this very command was started, so that it can start another of itself. */
export interface OwnProgram {
  /** The Node that runs us. */
  readonly node: string;
  /** Options of that Node, such as export conditions. */
  readonly nodeOptions: readonly string[];
  /** Absolute path of our entry point. */
  readonly script: string;
}

/** All that a command may touch of the process it runs in. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly signals: SignalSource;
  readonly program: OwnProgram;
}

/** One command of `cc-executor`. */
export interface Command {
  /** What `--help` prints. */
  readonly usage: string;
  /**
   * Runs it.
   *
   * @returns the exit code
   * @throws UsageError, CommandError, RpcError, ClientError
   */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}
