/** The command line cannot be understood. It ends with exit code 2 and the way to `--help`. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

/** Somebody asked for help instead. */
export class HelpRequest extends Error {
  override readonly name = 'HelpRequest';
  readonly code = 'help';
}

/**
 * Why a command could not do what was asked, for people.
 * `noExecutor`: none runs, or the one that was named does not answer. `startFailed`: one was started and did
 * not come up. `inUse`: another executor holds the state directory. `settings`: a setting or the config file
 * is wrong. `cannotServe`: an address or a folder cannot be used.
 */
export type CommandErrorCode = 'noExecutor' | 'startFailed' | 'inUse' | 'settings' | 'cannotServe';

/** A failure of a command with what happened and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;
  /** One line on what to do. */
  readonly mend: string | undefined;

  constructor(code: CommandErrorCode, message: string, mend?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.mend = mend;
  }
}
