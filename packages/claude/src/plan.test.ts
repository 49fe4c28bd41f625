import type { ClaudeSpec } from '@cc-executor/protocol';
import { expect, test } from 'vitest';
import { planClaude } from './plan.ts';

const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
const newId = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

function plan(spec: Omit<ClaudeSpec, 'prompt'>, backgroundTasks = false) {
  return planClaude({ prompt: 'hi', ...spec }, { sessionId: newId, scratchDir: '/scratch', backgroundTasks });
}

const base = [
  '-p',
  '--input-format=stream-json',
  '--output-format=stream-json',
  '--verbose',
  '--include-partial-messages',
];

test('a bare prompt needs only the base flags and a session of our own', () => {
  const { input, ...rest } = plan({});
  expect(rest).toEqual({
    args: [...base, `--session-id=${newId}`],
    env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1' },
    files: [],
    sessionId: newId,
  });
  expect(input.userMessage('hi')).toBe(
    '{"type":"user","message":{"role":"user","content":"hi"},"parent_tool_use_id":null}\n',
  );
});

test('every option becomes one argument that nothing can swallow', () => {
  const { args, files } = plan({
    model: 'haiku',
    permissionMode: 'acceptEdits',
    maxTurns: 3,
    maxBudgetUsd: 0.5,
    settingSources: ['user', 'project'],
    outputSchema: { type: 'object' },
    systemPrompt: '--be brief',
    appendSystemPrompt: 'and kind',
    mcpServers: { srv: { command: '/bin/srv' } },
    allowedTools: ['Read', 'Bash(git diff *)'],
    disallowedTools: ['Write'],
    addDirs: ['/a', '/b'],
    bare: true,
  });
  expect(args.slice(base.length)).toEqual([
    `--session-id=${newId}`,
    '--bare',
    '--strict-mcp-config',
    '--model=haiku',
    '--permission-mode=acceptEdits',
    '--max-turns=3',
    '--max-budget-usd=0.5',
    '--setting-sources=user,project',
    '--json-schema={"type":"object"}',
    '--system-prompt-file=/scratch/system-prompt.txt',
    '--append-system-prompt-file=/scratch/append-system-prompt.txt',
    '--mcp-config=/scratch/mcp.json',
    '--allowedTools=Read',
    '--allowedTools=Bash(git diff *)',
    '--disallowedTools=Write',
    '--add-dir=/a',
    '--add-dir=/b',
  ]);
  expect(files).toEqual([
    { path: '/scratch/system-prompt.txt', content: '--be brief' },
    { path: '/scratch/append-system-prompt.txt', content: 'and kind' },
    { path: '/scratch/mcp.json', content: '{"mcpServers":{"srv":{"command":"/bin/srv"}}}' },
  ]);
});

test('a session is continued in place, or in a copy', () => {
  const resumed = plan({ sessionId: id });
  expect([resumed.args.slice(base.length), resumed.sessionId]).toEqual([[`--resume=${id}`], id]);
  const forked = plan({ sessionId: id, fork: true });
  expect([forked.args.slice(base.length), forked.sessionId]).toEqual([
    [`--resume=${id}`, '--fork-session', `--session-id=${newId}`],
    newId,
  ]);
});

test('background tasks are allowed only when asked for', () => {
  expect(plan({}, true).env).toEqual({ CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' });
});

test('a text that begins with a slash does not look like a command of the CLI', () => {
  const { userMessage, interrupt } = plan({}).input;
  expect(JSON.parse(userMessage('/cost', id))).toEqual({
    type: 'user',
    message: { role: 'user', content: '\n/cost' },
    parent_tool_use_id: null,
    uuid: id,
  });
  expect(interrupt('r1')).toBe(
    '{"type":"control_request","request_id":"r1","request":{"subtype":"interrupt"}}\n',
  );
});

test.for<[code: string, spec: Omit<ClaudeSpec, 'prompt'>]>([
  ['argumentTooLong', { outputSchema: { description: 'x'.repeat(140_000) } }],
  ['argumentHasNul', { allowedTools: ['Read\0'] }],
  ['dirNotAbsolute', { addDirs: ['relative'] }],
  ['forkWithoutSession', { fork: true }],
])('what the CLI could only fail at is %s', ([code, spec]) => {
  expect(() => plan(spec)).toThrow(expect.objectContaining({ name: 'ClaudePlanError', code }));
});
