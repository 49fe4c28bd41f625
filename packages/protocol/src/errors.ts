import { z } from 'zod';

/** Whether sending the same request again can help: never, after it was mended, or later as it is. */
export type RetryRule = 'never' | 'afterMending' | 'later';

/** Who can mend what an error is about. */
export const MendedBy = z.enum(['caller', 'operator', 'us']);
export type MendedBy = z.infer<typeof MendedBy>;

interface ErrorRow {
  /** The JSON-RPC number. */
  readonly number: number;
  readonly data: z.ZodType;
  readonly retry: RetryRule;
  readonly mendedBy: MendedBy;
}

const nothing = z.object({});
const job = z.object({ jobId: z.string() });

/** Every error that crosses the wire. A new code does not compile until number, data, retry and mender exist. */
export const errorTable = {
  parseError: { number: -32700, data: nothing, retry: 'afterMending', mendedBy: 'caller' },
  invalidRequest: { number: -32600, data: nothing, retry: 'afterMending', mendedBy: 'caller' },
  methodNotFound: {
    number: -32601,
    data: z.object({ method: z.string() }),
    retry: 'never',
    mendedBy: 'caller',
  },
  invalidParams: {
    number: -32602,
    data: z.object({ problems: z.array(z.object({ path: z.string(), message: z.string() })) }),
    retry: 'afterMending',
    mendedBy: 'caller',
  },
  internalError: { number: -32603, data: nothing, retry: 'never', mendedBy: 'us' },
  /** A bound on jobs, starts, connections or requests was met. */
  overloaded: {
    number: -32001,
    data: z.object({ what: z.string(), limit: z.number(), retryAfterMs: z.number() }),
    retry: 'later',
    mendedBy: 'caller',
  },
  notInitialized: { number: -32002, data: nothing, retry: 'afterMending', mendedBy: 'caller' },
  alreadyInitialized: { number: -32003, data: nothing, retry: 'never', mendedBy: 'caller' },
  unsupportedVersion: {
    number: -32004,
    data: z.object({ supported: z.array(z.number()) }),
    retry: 'never',
    mendedBy: 'caller',
  },
  shuttingDown: { number: -32005, data: nothing, retry: 'later', mendedBy: 'caller' },
  /** Policy says no. `mend` is the line that would allow it, `file` the place for it. */
  policyRefused: {
    number: -32010,
    data: z.object({ rule: z.string(), file: z.string(), mend: z.string() }),
    retry: 'afterMending',
    mendedBy: 'operator',
  },
  programNotFound: {
    number: -32011,
    data: z.object({ program: z.string() }),
    retry: 'afterMending',
    mendedBy: 'caller',
  },
  cwdNotFound: {
    number: -32012,
    data: z.object({ cwd: z.string() }),
    retry: 'afterMending',
    mendedBy: 'caller',
  },
  /** No Claude CLI was found on this machine. */
  claudeUnavailable: {
    number: -32013,
    data: z.object({ looked: z.array(z.string()) }),
    retry: 'afterMending',
    mendedBy: 'operator',
  },
  /** The job asks for limits, and this machine cannot set them; `reason` says why. */
  limitsUnavailable: {
    number: -32014,
    data: z.object({ reason: z.string() }),
    retry: 'afterMending',
    mendedBy: 'operator',
  },
  /** The disk that holds the executor's state is full, so that no job can be recorded. */
  diskFull: {
    number: -32015,
    data: z.object({ path: z.string() }),
    retry: 'later',
    mendedBy: 'operator',
  },
  unknownJob: { number: -32020, data: job, retry: 'never', mendedBy: 'caller' },
  /** A client-chosen job id was used before with other parameters. */
  jobIdReused: { number: -32021, data: job, retry: 'afterMending', mendedBy: 'caller' },
  /** The job has ended, or its standard input is closed or was never opened. */
  stdinClosed: { number: -32022, data: job, retry: 'never', mendedBy: 'caller' },
  /** A place in the log that the job has not reached: from another job, or from before a crash. */
  beyondEnd: {
    number: -32025,
    data: z.object({ jobId: z.string(), lastSeq: z.number(), outputBytes: z.number() }),
    retry: 'afterMending',
    mendedBy: 'caller',
  },
  /** A follower would hold more credit than it may. */
  tooMuchCredit: {
    number: -32026,
    data: z.object({ jobId: z.string(), creditBytes: z.number(), maxCreditBytes: z.number() }),
    retry: 'afterMending',
    mendedBy: 'caller',
  },
  alreadyAttached: { number: -32023, data: job, retry: 'never', mendedBy: 'caller' },
  notAttached: { number: -32024, data: job, retry: 'afterMending', mendedBy: 'caller' },
} as const satisfies Record<string, ErrorRow>;

/** Name of an error that crosses the wire. Callers branch on it, never on the message. */
export type ErrorCode = keyof typeof errorTable;
/** What an error of this code carries. */
export type ErrorData<C extends ErrorCode> = z.infer<(typeof errorTable)[C]['data']>;

/** The `error` member of a JSON-RPC response. `data.code` is the name from the table. */
export const ErrorObject = z.object({
  code: z.number().int(),
  message: z.string(),
  data: z.looseObject({ code: z.string() }).optional(),
});
export type ErrorObject = z.infer<typeof ErrorObject>;

/** An error that crosses the wire. */
export class RpcError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'RpcError';
  readonly code: C;
  readonly data: ErrorData<C>;

  constructor(code: C, message: string, data: ErrorData<C>, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.data = data;
  }

  /** Whether and when the same request may be sent again. */
  get retry(): RetryRule {
    return errorTable[this.code].retry;
  }

  /** The form that goes over the wire. */
  toObject(): ErrorObject {
    const row = errorTable[this.code];
    return {
      code: row.number,
      message: this.message,
      data: { ...this.data, code: this.code, retry: row.retry, mendedBy: row.mendedBy },
    };
  }

  /** Reads what came over the wire; an unknown or malformed error becomes `internalError`. */
  static fromObject(error: ErrorObject): RpcError {
    const code = error.data?.code;
    if (isErrorCode(code)) {
      const data = errorTable[code].data.safeParse(error.data);
      if (data.success) return new RpcError(code, error.message, data.data);
    }
    return new RpcError('internalError', error.message, {});
  }
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(errorTable, code);
}
