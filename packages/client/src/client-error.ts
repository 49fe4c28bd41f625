/** What a local error carries, by its code. */
interface ClientErrorData {
  /** Nothing answered at the address; `cause` tells why, when the socket says it. */
  connectFailed: { readonly systemCode?: string };
  /** The executor answered the handshake with 401: no token, or a wrong one. */
  unauthorized: { readonly httpStatus: 401 };
  /** The handshake was answered with another HTTP status, such as 403, 404 or 421. */
  handshakeRefused: { readonly httpStatus: number };
  /** Connecting took longer than `timeoutMs`. */
  timedOut: { readonly timeoutMs: number };
  /**
   * The connection is lost, and the client has not come back. Of a request: whether it was carried out is not
   * known. While a job was followed, `lastSeq` is the last entry that was given out: all after it is missing.
   */
  connectionLost: { readonly closeCode: number; readonly reason: string; readonly lastSeq?: number };
  /**
   * The executor that answers after a loss does not have the job as it was followed: it is another one, or has
   * another state directory. All entries after `lastSeq` are missing.
   */
  otherExecutor: { readonly jobId: string; readonly lastSeq: number };
  /** The client was disposed of. */
  closed: { readonly byUs: true };
  /** The request is larger than the executor takes; it was not sent. */
  frameTooLarge: { readonly bytes: number; readonly limitBytes: number };
  /** The executor's answer does not match the protocol. */
  badReply: { readonly method: string };
}

/** Name of an error that arises in the client. Callers branch on it, never on the message. */
export type ClientErrorCode = keyof ClientErrorData;

/** An error that arises in the client, as opposed to `RpcError`, which the executor answers. */
export class ClientError<C extends ClientErrorCode = ClientErrorCode> extends Error {
  override readonly name = 'ClientError';
  readonly code: C;
  readonly data: ClientErrorData[C];

  constructor(code: C, message: string, data: ClientErrorData[C], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.data = data;
  }
}

/** Whether an error is the client's own, with this code. */
export function isClientError<C extends ClientErrorCode>(error: unknown, code: C): error is ClientError<C> {
  return error instanceof ClientError && error.code === code;
}
