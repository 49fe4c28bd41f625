import { expect, test } from 'vitest';
import { cancellationCause } from './stop-cause.ts';

test.each([
  ['SdkError: Request timed out', 'timeout'],
  ['McpError: MCP error -32001: Request timed out', 'timeout'],
  ['Timeout exceeded', 'timeout'],
  [new Error('maximum total time-out'), 'timeout'],
  ['AbortError: user-cancel', 'user'],
  [undefined, 'user'],
] as const)('%s is %s', (reason, cause) => {
  expect(cancellationCause(reason)).toBe(cause);
});
