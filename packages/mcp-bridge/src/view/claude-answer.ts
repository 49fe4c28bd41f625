import type { ClaudeResult } from '@cc-executor/protocol';
import { capText } from './cap-text.ts';

/** Answer of a Claude in a result, in characters. */
export const ANSWER_CHARS = 40_000;

/** The final answer of a Claude, and what else the parent has to know. */
export function claudeAnswer(result: ClaudeResult, jobId: string, maxChars: number): string {
  const note = (omitted: number): string =>
    `… ${omitted} characters omitted; call read_output with job_id=${jobId} to see them …`;
  const parts = [
    capText(result.text, maxChars, note),
    ...structured(result, Math.max(0, maxChars - result.text.length), note),
  ];
  const denied = new Set(result.permissionDenials.map(({ toolName }) => toolName));
  if (denied.size > 0) {
    parts.push(`note: not allowed to use ${[...denied].join(', ')}; see allowed_tools and permission_mode`);
  }
  if (result.backgroundTasksEnded > 0) {
    parts.push(`note: ${result.backgroundTasksEnded} background tasks were still running and were ended`);
  }
  return parts.filter((part) => part !== '').join('\n');
}

function structured(
  { structuredOutput, text }: ClaudeResult,
  maxChars: number,
  note: (omitted: number) => string,
): string[] {
  if (structuredOutput === undefined) return [];
  const json = JSON.stringify(structuredOutput);
  // The CLI gives the same as text when it is all that was answered.
  if (isSameJson(text, json)) return [];
  return [capText(text === '' ? json : `structured_output: ${json}`, maxChars, note)];
}

function isSameJson(text: string, json: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === json;
  } catch {
    return false;
  }
}
