import { RpcError, type ClassicStatus, type Request } from '@cc-executor/protocol';
import type { Connection } from '../rpc/connection.ts';
import { readRequest } from '../rpc/router.ts';
import { ClassicSession, type ClassicServices } from './classic-session.ts';

/** Serves one connection of the classic profile. */
export class ClassicRouter {
  readonly #connection: Connection;
  readonly #session: ClassicSession;

  constructor(services: ClassicServices, connection: Connection) {
    this.#connection = connection;
    this.#session = new ClassicSession(services, connection);
  }

  /** Takes one frame. Never rejects. */
  async handle(text: string): Promise<void> {
    const request = readRequest(text);
    if (request instanceof RpcError) {
      this.#session.reportError(request.message);
      return;
    }
    try {
      this.#reply(request, { result: await this.#call(request) });
    } catch (error) {
      const rpcError =
        error instanceof RpcError
          ? error
          : new RpcError('invalidRequest', String(error instanceof Error ? error.message : error), {});
      this.#session.reportError(rpcError.message);
      this.#reply(request, { error: rpcError.toObject() });
    }
  }

  #call({ method, params }: Request): Promise<ClassicStatus> {
    if (method === 'execute') return this.#session.execute(params);
    if (method === 'control') return this.#session.control(params);
    throw new RpcError('methodNotFound', `There is no method ${method}, only execute and control`, {
      method,
    });
  }

  /** Classic clients may leave the id out; then the notifications are the answer. */
  #reply({ id }: Request, answer: object): void {
    if (id !== undefined) this.#connection.send(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  }
}
