/** Why a launch cannot be planned. */
export type ClaudePlanErrorCode =
  /** An argument has more bytes than Linux takes in one (131 071). */
  | 'argumentTooLong'
  /** An argument holds a NUL byte. */
  | 'argumentHasNul'
  /** A folder of `addDirs` is not absolute. */
  | 'dirNotAbsolute'
  /** `fork` without the session to copy. */
  | 'forkWithoutSession';

/** A launch that the CLI could only fail at. The caller has to mend its request. */
export class ClaudePlanError extends Error {
  override readonly name = 'ClaudePlanError';
  readonly code: ClaudePlanErrorCode;
  /** The option that is wrong. */
  readonly option: string;

  constructor(code: ClaudePlanErrorCode, option: string, message: string) {
    super(`${option}: ${message}`);
    this.code = code;
    this.option = option;
  }
}
