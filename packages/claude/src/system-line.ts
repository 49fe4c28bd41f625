import type { ClaudeEvent } from '@cc-executor/protocol';
import type { SystemLine } from './line.ts';
import type { Run } from './run.ts';

/** Reads a line of the CLI about itself. */
export function readSystemLine(run: Run, subtype: string, line: SystemLine): ClaudeEvent[] {
  switch (subtype) {
    case 'init':
      return [started(run, line)];
    case 'status':
      return statusEvents(line);
    case 'compact_boundary':
      return [compaction('boundary', line.compact_metadata)];
    case 'api_retry':
      run.retryWait = {
        type: 'retryWait',
        attempt: line.attempt ?? 0,
        maxRetries: line.max_retries ?? 0,
        delayMs: line.retry_delay_ms ?? 0,
        httpStatus: line.error_status ?? null,
        error: line.error ?? 'unknown',
      };
      return [run.retryWait];
    case 'permission_denied':
      return [permissionDenied(run, line)];
    case 'background_tasks_changed':
      run.backgroundTasks = line.tasks.length;
      return [{ type: 'backgroundTasks', count: line.tasks.length }];
    case 'model_refusal_no_fallback':
      run.wasRefused = true;
      return [{ type: 'other', name: 'system/model_refusal_no_fallback' }];
    default: {
      const messageIds = run.answer.retract(line.retracted_message_uuids);
      return [{ type: 'other', name: `system/${subtype}` }, ...withdrawals(messageIds)];
    }
  }
}

/** One event for each message whose text is void. */
export function withdrawals(messageIds: Iterable<string | undefined>): ClaudeEvent[] {
  return [...messageIds].map((messageId) => ({
    type: 'textWithdrawn',
    ...(messageId !== undefined && { messageId }),
  }));
}

function started(run: Run, line: SystemLine): ClaudeEvent {
  run.startTurn();
  run.sessionId = line.session_id ?? run.sessionId;
  run.model = line.model ?? run.model;
  return {
    type: 'init',
    sessionId: run.sessionId ?? '',
    ...(line.model !== undefined && { model: line.model }),
    ...(line.claude_code_version !== undefined && { cliVersion: line.claude_code_version }),
    ...(line.permissionMode !== undefined && { permissionMode: line.permissionMode }),
    ...(line.cwd !== undefined && { cwd: line.cwd }),
    mcpServers: line.mcp_servers.map(({ name, status }) => ({ name, status })),
  };
}

function statusEvents(line: SystemLine): ClaudeEvent[] {
  if (line.status === 'compacting') return [compaction('started')];
  if (line.compact_result === 'success') return [compaction('succeeded')];
  if (line.compact_result !== undefined) return [compaction('failed')];
  return [];
}

function compaction(
  phase: Extract<ClaudeEvent, { type: 'compaction' }>['phase'],
  tokens?: SystemLine['compact_metadata'],
): ClaudeEvent {
  return {
    type: 'compaction',
    phase,
    ...(tokens?.pre_tokens !== undefined && { tokensBefore: tokens.pre_tokens }),
    ...(tokens?.post_tokens !== undefined && { tokensAfter: tokens.post_tokens }),
  };
}

function permissionDenied(run: Run, line: SystemLine): ClaudeEvent {
  const toolName = line.tool_name ?? '';
  const toolUseId = line.tool_use_id;
  run.denials.set(toolUseId ?? `#${run.denials.size}`, {
    toolName,
    ...(toolUseId !== undefined && { toolUseId }),
  });
  return { type: 'permissionDenied', toolName, ...(line.message !== undefined && { message: line.message }) };
}
