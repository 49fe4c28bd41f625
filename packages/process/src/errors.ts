/**
 * Why something about processes could not be done.
 *
 * - `programNotFound`: no file of that name.
 * - `programNotExecutable`: a file is there, but it is not a regular file we may execute, or its interpreter is missing.
 * - `cwdNotFound`: the working directory does not exist, is not a directory, or may not be entered.
 * - `badArgument`: a value no process can be given (NUL, a relative path, a negative time).
 * - `argumentsTooLong`: arguments and environment together exceed the operating system's limit.
 * - `spawnFailed`: the operating system refused for another reason; `details.errno` names it.
 * - `hostClosed`: the process host has been disposed.
 * - `wrongThread`: process hosts live on the main thread only.
 * - `containmentUnavailable`: namespaces were required and cannot be had; the message says why.
 * - `guardianUnavailable`: the guardian cannot be started or does not answer, so that nothing may be started.
 * - `limitsUnavailable`: resource limits were asked for and cannot be set on this machine.
 * - `treeNotEmpty`: members outlived repeated SIGKILL (uninterruptible, or not ours to signal); `details.pids`.
 */
export type ProcessErrorCode =
  | 'programNotFound'
  | 'programNotExecutable'
  | 'cwdNotFound'
  | 'badArgument'
  | 'argumentsTooLong'
  | 'spawnFailed'
  | 'hostClosed'
  | 'wrongThread'
  | 'containmentUnavailable'
  | 'guardianUnavailable'
  | 'limitsUnavailable'
  | 'treeNotEmpty';

/** Facts that belong to a {@link ProcessError}; never the values of arguments or of the environment. */
export type ProcessErrorDetails = Readonly<Record<string, string | number | readonly number[]>>;

/** A failure of this package. Branch on `code`, never on the message. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
  readonly code: ProcessErrorCode;
  readonly details: ProcessErrorDetails;

  constructor(
    code: ProcessErrorCode,
    message: string,
    details: ProcessErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
