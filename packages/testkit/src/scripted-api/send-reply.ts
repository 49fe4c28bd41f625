import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageObject, prepareMessage } from './message.ts';
import type { MessageReply, Reply } from './reply.ts';
import { encodeEvent, messageEvents } from './sse.ts';

/** Between the last delta and the cut of a connection, in milliseconds. */
const DROP_DELAY_MS = 500;

/** What a reply needs to know of its request. */
export interface ReplyContext {
  /** Counts the answers of one service; it makes ids unique. */
  readonly number: number;
  readonly model: string;
  readonly bodyBytes: number;
  readonly isStream: boolean;
  /** Aborted when the client is gone or the service closes. */
  readonly signal: AbortSignal;
}

/** Sends a reply. Rejects with the signal's reason when the client goes away meanwhile. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  context: ReplyContext,
): Promise<void> {
  response.setHeader('request-id', `req_scripted${String(context.number).padStart(6, '0')}`);
  switch (reply.kind) {
    case 'hang':
      return;
    case 'drop':
      response.destroy();
      return;
    case 'error': {
      const error = { type: reply.type, message: reply.message };
      sendJson(response, reply.status, { type: 'error', error }, reply.headers);
      return;
    }
    case 'message':
      await sendMessage(response, reply, context);
  }
}

/** Sends one JSON object. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

async function sendMessage(
  response: ServerResponse,
  reply: MessageReply,
  context: ReplyContext,
): Promise<void> {
  const message = prepareMessage(reply, context);
  if (!context.isStream) {
    if (reply.breakOff?.how === 'hang') return;
    if (reply.breakOff?.how === 'drop') response.destroy();
    else sendJson(response, 200, messageObject(message), reply.headers);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', ...reply.headers });
  let deltas = 0;
  for (const event of messageEvents(message, reply.deltaChars ?? 20)) {
    if (event.event === 'content_block_delta') {
      if (reply.breakOff !== undefined && deltas >= reply.breakOff.afterDeltas) {
        if (reply.breakOff.how === 'hang') return;
        // What was sent so far still has to be read: a client that is kept from running would see only the end.
        await sleep(DROP_DELAY_MS, undefined, { signal: context.signal });
        response.socket?.destroySoon();
        return;
      }
      deltas += 1;
      const delayMs = reply.delayMs ?? 0;
      if (delayMs > 0) await sleep(delayMs, undefined, { signal: context.signal });
    }
    if (!response.write(encodeEvent(event))) await once(response, 'drain', { signal: context.signal });
  }
  response.end();
}
