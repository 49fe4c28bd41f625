import { PROTOCOL_VERSION, RpcError } from '@cc-executor/protocol';
import type { Method } from './method-services.ts';

/** The first request of a connection. */
export const initialize: Method<'initialize'> =
  ({ describe }) =>
  ({ protocolVersion }, { session }) => {
    if (session.isInitialized)
      throw new RpcError('alreadyInitialized', 'This connection is initialized already', {});
    if (protocolVersion !== PROTOCOL_VERSION) {
      const message = `Protocol version ${protocolVersion} is not spoken here, only ${PROTOCOL_VERSION}`;
      throw new RpcError('unsupportedVersion', message, { supported: [PROTOCOL_VERSION] });
    }
    session.isInitialized = true;
    return { protocolVersion: PROTOCOL_VERSION, connectionId: session.connection.id, ...describe() };
  };
