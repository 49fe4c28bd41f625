import { expect, test } from 'vitest';
import { executorEnvironment } from './executor-environment.ts';

test('listed variables are passed on and nothing else', () => {
  const listed = {
    HOME: '/h',
    PATH: '/bin',
    LC_ALL: 'C',
    XDG_STATE_HOME: '/s',
    ANTHROPIC_API_KEY: 'k',
    HTTPS_PROXY: 'p',
    CC_EXECUTOR_DEFAULT_TIMEOUT: '5',
  };
  const others = {
    AWS_VAULT: 'x',
    CLAUDECODE: '1',
    XDG_RUNTIME_DIR: '/r',
    NODE_OPTIONS: '--inspect',
    LD_PRELOAD: 'x.so',
    CC_EXECUTOR_TREE_ID: 't',
    CC_EXECUTOR_INSTANCE_ID: 'i',
    CC_EXECUTOR_WEBSOCKET_URL: 'ws://x',
    UNSET: undefined,
  };
  expect(executorEnvironment({ ...listed, ...others })).toEqual(listed);
});

test('the older name of the allowed commands is passed on under the present one', () => {
  expect(executorEnvironment({ ALLOWED_COMMANDS: 'a' })).toEqual({ CC_EXECUTOR_ALLOWED_COMMANDS: 'a' });
  const both = { ALLOWED_COMMANDS: 'a', CC_EXECUTOR_ALLOWED_COMMANDS: 'b' };
  expect(executorEnvironment(both)).toEqual({ CC_EXECUTOR_ALLOWED_COMMANDS: 'b' });
});
