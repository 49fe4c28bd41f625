import { ClientError } from './client-error.ts';

/**
 * Reads why a socket could not be opened from its `error` event.
 *
 * `ws` puts the HTTP status into its message only; the platform's own WebSocket tells nothing, so there
 * everything is `connectFailed`.
 */
export function connectFailure(event: object): ClientError {
  const cause = 'error' in event ? event.error : undefined;
  const text = messageOf(cause) ?? messageOf(event) ?? 'the socket did not open';
  const status = Number(/Unexpected server response: (\d{3})/.exec(text)?.[1]);
  if (status === 401) {
    const message = 'The executor refused the connection (HTTP 401): the token is missing or wrong';
    return new ClientError('unauthorized', message, { httpStatus: 401 }, { cause });
  }
  if (!Number.isNaN(status)) {
    const message = `The executor refused the connection (HTTP ${status})`;
    return new ClientError('handshakeRefused', message, { httpStatus: status }, { cause });
  }
  const systemCode = systemCodeOf(cause);
  const data = systemCode === undefined ? {} : { systemCode };
  return new ClientError('connectFailed', `Cannot reach the executor: ${text}`, data, { cause });
}

function messageOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('message' in value)) return undefined;
  // An error over several addresses has an empty message and a code.
  const text = value.message === '' && 'code' in value ? value.code : value.message;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function systemCodeOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
