import type { ClaudeEvent } from '@cc-executor/protocol';
import type { AssistantLine, Block, UserLine } from './line.ts';
import type { Run } from './run.ts';
import { summarizeInput, summarizeResult } from './summary.ts';
import { withdrawals } from './system-line.ts';

/** Reads a finished part of what the model, or one of its sub-agents, said or wants to do. */
export function readAssistantLine(run: Run, line: AssistantLine, agentId: string | undefined): ClaudeEvent[] {
  if (line.is_api_error_message === true) {
    if (agentId === undefined) noteApiError(run, line);
    return [];
  }
  if (agentId === undefined) run.retryWait = undefined;
  const messageIds = agentId === undefined ? run.answer.retract(line.supersedes) : [];
  const blocks = line.message.content.flatMap((block): ClaudeEvent[] => {
    if (block.type === 'text') return [textEvent(run, line, block.text ?? '', agentId)];
    if (block.type !== 'tool_use') return [];
    if (agentId === undefined) run.answer.seal();
    const summary = summarizeInput(block.input);
    return [
      { type: 'toolUse', toolUseId: block.id ?? '', name: block.name ?? '', summary, ...agent(agentId) },
    ];
  });
  return [...withdrawals(messageIds), ...blocks];
}

/** Reads what the model is told: results of tools, and what the CLI itself puts in. */
export function readUserLine(run: Run, line: UserLine, agentId: string | undefined): ClaudeEvent[] {
  const { content } = line.message;
  if (agentId === undefined && line.isSynthetic === true) {
    if (isContinuation(content)) return [{ type: 'outputMaximum' }];
    run.answer.seal();
  }
  return content.flatMap((block): ClaudeEvent[] => {
    if (block.type !== 'tool_result') return [];
    return [
      {
        type: 'toolResult',
        toolUseId: block.tool_use_id ?? '',
        isError: block.is_error === true,
        summary: summarizeResult(block.content),
        ...agent(agentId),
      },
    ];
  });
}

/** The mark of a sub-agent, for its events. */
export function agent(agentId: string | undefined): { agentId?: string } {
  return agentId === undefined ? {} : { agentId };
}

/** The CLI says it in words only, but it says it itself: no model or tool writes synthetic lines. */
function isContinuation(content: readonly Block[]): boolean {
  return content[0]?.text?.startsWith('Output token limit hit.') === true;
}

function noteApiError(run: Run, line: AssistantLine): void {
  run.retryWait = undefined;
  run.apiError = {
    error: line.error,
    apiError: line.api_error,
    status: line.api_error_status,
    type: line.api_error_type,
    cut: line.api_error_params?.cut,
  };
}

function textEvent(run: Run, line: AssistantLine, text: string, agentId: string | undefined): ClaudeEvent {
  const messageId = line.message.id;
  if (agentId === undefined) run.answer.addBlock(messageId, line.uuid, text);
  return { type: 'text', text, ...(messageId !== undefined && { messageId }), ...agent(agentId) };
}
