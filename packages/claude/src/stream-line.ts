import type { ClaudeEvent } from '@cc-executor/protocol';
import type { StreamLine } from './line.ts';
import { agent } from './message-line.ts';
import type { Run } from './run.ts';
import { withdrawals } from './system-line.ts';

/** Reads a piece of a message that is being written. */
export function readStreamLine(run: Run, line: StreamLine, agentId: string | undefined): ClaudeEvent[] {
  const { event } = line;
  const isMain = agentId === undefined;
  switch (event.type) {
    case 'message_start':
      run.meter.messageStarted(agentId ?? '', event.message?.usage);
      if (isMain) {
        run.messageId = event.message?.id;
        run.retryWait = undefined;
      }
      return [];
    case 'content_block_delta': {
      const { delta } = event;
      if (delta?.type !== 'text_delta' || delta.text === undefined) return [];
      const messageId = line.api_message_id ?? (isMain ? run.messageId : undefined);
      if (isMain) run.answer.addDelta(messageId, event.index, delta.text);
      return [
        {
          type: 'textDelta',
          text: delta.text,
          ...(messageId !== undefined && { messageId }),
          ...agent(agentId),
        },
      ];
    }
    case 'message_delta':
      run.meter.messageEnded(agentId ?? '', event.usage);
      return [{ type: 'usage', usage: run.meter.usage, costUsd: run.meter.costUsd }];
    case 'message_stop':
      return isMain ? abandon(run, line) : [];
    default:
      return [];
  }
}

function abandon(run: Run, line: StreamLine): ClaudeEvent[] {
  if (line.abandoned_blocks === undefined) return [];
  const messageId = line.abandoned_blocks.api_message_id ?? run.messageId;
  const { isLoss, kept } = run.answer.abandon(messageId, line.abandoned_blocks.from_block_index);
  if (!isLoss) return [];
  // A withdrawal takes the whole message back, so what stays of it is said again.
  return [
    ...withdrawals([messageId]),
    ...kept.map((text): ClaudeEvent => ({
      type: 'text',
      text,
      ...(messageId !== undefined && { messageId }),
    })),
  ];
}
