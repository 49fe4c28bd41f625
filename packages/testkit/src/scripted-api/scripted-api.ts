import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from './answers.ts';
import { promptOf, toolResultsOf, type ApiRequest, type MessagesBody } from './request.ts';
import { RequestLog } from './request-log.ts';
import { replyTo, type Scenario } from './scenario.ts';
import { taggedScenario } from './scenarios.ts';
import { sendJson, sendReply } from './send-reply.ts';

/** How the scripted service starts. */
export interface ScriptedApiOptions {
  /** For conversations whose first prompt names none. @default a short streamed answer */
  readonly scenario?: Scenario;
}

/** A Messages API on loopback whose answers are written in advance. The real Claude CLI talks to it. */
export interface ScriptedApi extends AsyncDisposable {
  /** For ANTHROPIC_BASE_URL. */
  readonly url: string;
  /** Every request for an answer so far, oldest first. */
  readonly requests: readonly ApiRequest[];
  /** Connections open now. */
  readonly connections: number;
  /** Changes the scenario for conversations whose first prompt names none. */
  play(scenario: Scenario): void;
  /** The n-th request (from 1) or the first that fits, past or future. Rejects with the signal's reason. */
  waitForRequest(
    which: number | ((request: ApiRequest) => boolean),
    options?: { readonly signal?: AbortSignal },
  ): Promise<ApiRequest>;
}

/**
 * Starts a scripted Messages API on a free loopback port.
 *
 * A conversation plays the scenario that its first user prompt names (`scenario:rate-limit`, with options in
 * JSON behind it if wanted), so that many runs can share one service.
 */
export async function startScriptedApi(options: ScriptedApiOptions = {}): Promise<ScriptedApi> {
  const service = new Service(options.scenario ?? text());
  await service.listen();
  return service;
}

class Service implements ScriptedApi {
  readonly #server: Server;
  readonly #log = new RequestLog();
  readonly #closing = new AbortController();
  /** Requests per conversation and scenario. */
  readonly #attempts = new Map<string, number>();
  #scenario: Scenario;
  #connections = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#server = createServer((request, response) => {
      // A client that goes away in the middle is part of the play.
      this.#handle(request, response).catch(() => response.destroy());
    });
    this.#server.on('connection', (socket) => {
      this.#connections += 1;
      socket.once('close', () => (this.#connections -= 1));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get requests(): readonly ApiRequest[] {
    return this.#log.requests;
  }

  get connections(): number {
    return this.#connections;
  }

  play(scenario: Scenario): void {
    this.#scenario = scenario;
  }

  waitForRequest: ScriptedApi['waitForRequest'] = (which, options) => this.#log.wait(which, options?.signal);

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.url);
    const bytes = await readAll(request);
    if (pathname === '/api/hello') {
      sendJson(response, 200, {});
    } else if (request.method === 'POST' && pathname === '/v1/messages/count_tokens') {
      sendJson(response, 200, { input_tokens: Math.ceil(bytes.length / 4) });
    } else if (request.method === 'POST' && pathname === '/v1/messages') {
      await this.#answer(request, response, bytes);
    } else {
      const message = `${request.method} ${pathname} is not scripted`;
      sendJson(response, 404, { type: 'error', error: { type: 'not_found_error', message } });
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, bytes: Buffer): Promise<void> {
    // The one client is the CLI; a body that differs from this type fails the test that sees it.
    const body = JSON.parse(bytes.toString('utf8')) as MessagesBody;
    const prompt = promptOf(body);
    const sessionId = String(request.headers['x-claude-code-session-id'] ?? '');
    let tagged: ReturnType<typeof taggedScenario>;
    try {
      tagged = taggedScenario(prompt);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      sendJson(response, 400, { type: 'error', error: { type: 'invalid_request_error', message } });
      return;
    }
    const key = `${sessionId} ${tagged?.tag ?? ''}`;
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    const apiRequest: ApiRequest = {
      receivedAt: new Date(),
      headers: request.headers,
      body,
      bodyBytes: bytes.length,
      sessionId,
      attempt,
      prompt,
      toolResults: toolResultsOf(body),
    };
    this.#log.add(apiRequest);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await sendReply(response, replyTo(tagged?.scenario ?? this.#scenario, apiRequest), {
      number: this.#log.requests.length,
      model: body.model,
      bodyBytes: bytes.length,
      isStream: body.stream === true,
      signal: AbortSignal.any([gone.signal, this.#closing.signal]),
    });
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
