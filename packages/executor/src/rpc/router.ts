import {
  isMethodName,
  methods,
  Request,
  RpcError,
  type ErrorObject,
  type MethodName,
  type MethodParams,
  type MethodResult,
  type RequestId,
} from '@cc-executor/protocol';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { parseParams } from './invalid-params.ts';

/** What the router needs to know of a session. */
export interface RoutedSession {
  isInitialized: boolean;
}

/** What a handler is called with besides its parameters. */
export interface RequestContext<S> {
  readonly session: S;
  /** Aborts when the connection is closed. */
  readonly signal: AbortSignal;
  /** Runs `action` once the reply is on its way, so that it precedes whatever the action sends. */
  readonly afterReply: (action: () => void) => void;
}

/** Handles one method. */
export type Handler<M extends MethodName, S> = (
  params: MethodParams<M>,
  context: RequestContext<S>,
) => MethodResult<M> | Promise<MethodResult<M>>;

/** A handler for every method of the protocol. */
export type Handlers<S> = { readonly [M in MethodName]: Handler<M, S> };

/** Requests of one connection that may be under way at once. */
const MAX_REQUESTS = 256;

/**
 * Requests that are carried out at once and are never refused for their number. Credit comes without an id, in bursts
 * when many jobs are followed: were it dropped, nobody would know, and its job would wait for ever.
 */
const unbounded: ReadonlySet<string> = new Set(['job/credit', 'job/detach'] satisfies MethodName[]);

/** Turns frames into calls of handlers and what they answer or throw into replies. */
export class Router<S extends RoutedSession> {
  readonly #handlers: Handlers<S>;
  readonly #session: S;
  readonly #signal: AbortSignal;
  readonly #send: (text: string) => void;
  readonly #logger: Logger;
  #underWay = 0;

  constructor(options: {
    handlers: Handlers<S>;
    session: S;
    signal: AbortSignal;
    send: (text: string) => void;
    logger: Logger;
  }) {
    this.#handlers = options.handlers;
    this.#session = options.session;
    this.#signal = options.signal;
    this.#send = options.send;
    this.#logger = options.logger;
  }

  /** Takes one frame. Never rejects. */
  async handle(text: string): Promise<void> {
    const request = readRequest(text);
    if (request instanceof RpcError) {
      this.#reply(null, { error: request.toObject() });
      return;
    }
    const after: (() => void)[] = [];
    const isBounded = !unbounded.has(request.method);
    if (isBounded) this.#underWay += 1;
    try {
      const result = await this.#call(request, {
        session: this.#session,
        signal: this.#signal,
        afterReply: (action) => after.push(action),
      });
      this.#reply(request.id, { result });
    } catch (error) {
      this.#reply(request.id, { error: this.#toError(error, request.method) });
      return;
    } finally {
      if (isBounded) this.#underWay -= 1;
    }
    for (const action of after) {
      try {
        action();
      } catch (error) {
        // The request is answered already.
        this.#logger.error({ method: request.method, err: error }, 'a request failed after its reply');
      }
    }
  }

  async #call({ method, params }: Request, context: RequestContext<S>): Promise<unknown> {
    if (this.#underWay > MAX_REQUESTS && !unbounded.has(method)) {
      const data = { what: 'requests under way', limit: MAX_REQUESTS, retryAfterMs: 100 };
      throw new RpcError(
        'overloaded',
        `More than ${MAX_REQUESTS} requests of this connection are under way`,
        data,
      );
    }
    if (!this.#session.isInitialized && method !== 'initialize') {
      throw new RpcError('notInitialized', `The first request must be initialize, not ${method}`, {});
    }
    if (!isMethodName(method)) {
      throw new RpcError('methodNotFound', `There is no method ${method}`, { method });
    }
    const schema: z.ZodType = methods[method].params;
    // The method table pairs each handler with the schema of its own parameters.
    const handler = this.#handlers[method] as Handler<MethodName, S>;
    return handler(parseParams(method, schema, params) as MethodParams<MethodName>, context);
  }

  #toError(error: unknown, method: string): ErrorObject {
    if (error instanceof RpcError) return error.toObject();
    this.#logger.error({ method, err: error }, 'a request failed inside the executor');
    return new RpcError(
      'internalError',
      'The executor failed to carry this out; its log tells why',
      {},
    ).toObject();
  }

  /** A request without an id gets no reply. */
  #reply(id: RequestId | null | undefined, answer: { result: unknown } | { error: ErrorObject }): void {
    if (id === undefined) return;
    this.#send(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  }
}

/** Reads a frame as a request, or tells why it is none. */
export function readRequest(text: string): Request | RpcError {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return new RpcError('parseError', 'The frame is not JSON', {}, { cause: error });
  }
  const request = Request.safeParse(json);
  return request.success
    ? request.data
    : new RpcError(
        'invalidRequest',
        'The frame is not a JSON-RPC 2.0 request (batches are not supported)',
        {},
      );
}
