import { ClientError } from './client-error.ts';
import { JobInboxes } from './job-inboxes.ts';
import { RpcChannel } from './rpc-channel.ts';
import { SocketTransport } from './socket-transport.ts';
import type { WebSocketLike } from './web-socket-like.ts';

/** What one connection is made of. */
export interface ConnectionParts {
  readonly transport: SocketTransport;
  readonly channel: RpcChannel;
  readonly inboxes: JobInboxes;
}

/** Joins socket, calls and inboxes of one connection. */
export function joinParts(socket: WebSocketLike): ConnectionParts {
  const transport = new SocketTransport(socket, (text) => channel.receive(text));
  const channel: RpcChannel = new RpcChannel({
    send: (text) => transport.send(text),
    onNotification: (params, frameChars) => inboxes.deliver(params, frameChars),
    onUnreadable: (reason) => transport.close(4400, reason),
  });
  const inboxes = new JobInboxes((jobId) => channel.notify('job/detach', { jobId }));
  void failWhenLost({ transport, channel, inboxes });
  return { transport, channel, inboxes };
}

async function failWhenLost({ transport, channel, inboxes }: ConnectionParts): Promise<void> {
  const { code, reason } = await transport.closed;
  const text = reason === '' ? `code ${code}` : `code ${code}: ${reason}`;
  const message = `The connection to the executor is lost (${text})`;
  const error = new ClientError('connectionLost', message, { closeCode: code, reason });
  channel.end(error);
  inboxes.fail(error);
}
