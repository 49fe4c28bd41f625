import { messageObject, type PreparedMessage } from './message.ts';

/** One server-sent event of a streamed answer. */
export interface StreamEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Writes an event as it goes over the wire. */
export function encodeEvent({ event, data }: StreamEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify({ type: event, ...data })}\n\n`;
}

/** The events of a streamed answer, its text cut into deltas of `deltaChars` characters. */
export function* messageEvents(message: PreparedMessage, deltaChars: number): Generator<StreamEvent> {
  const start = {
    ...messageObject(message),
    content: [],
    stop_reason: null,
    usage: { ...message.usage, output_tokens: 1 },
  };
  yield { event: 'message_start', data: { message: start } };
  for (const [index, block] of message.blocks.entries()) {
    const isText = block.type === 'text';
    yield {
      event: 'content_block_start',
      data: {
        index,
        content_block: isText
          ? { type: 'text', text: '' }
          : { type: 'tool_use', id: block.id, name: block.name, input: {} },
      },
    };
    for (const piece of pieces(isText ? block.text : JSON.stringify(block.input), deltaChars)) {
      const delta = isText
        ? { type: 'text_delta', text: piece }
        : { type: 'input_json_delta', partial_json: piece };
      yield { event: 'content_block_delta', data: { index, delta } };
    }
    yield { event: 'content_block_stop', data: { index } };
  }
  yield {
    event: 'message_delta',
    data: {
      delta: { stop_reason: message.stopReason, stop_sequence: null },
      usage: { output_tokens: message.usage.output_tokens },
    },
  };
  yield { event: 'message_stop', data: {} };
}

/** Cuts by code points, so that no delta holds half a surrogate pair. */
function* pieces(text: string, size: number): Generator<string> {
  let piece = '';
  let count = 0;
  for (const character of text) {
    piece += character;
    count += 1;
    if (count === size) {
      yield piece;
      piece = '';
      count = 0;
    }
  }
  if (piece !== '') yield piece;
}
