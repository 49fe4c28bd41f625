import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { CommandError } from './command-errors.ts';
import { resolveServeSettings, type ServeFlags } from './serve-settings.ts';

/** A home with a config file, or none. */
async function makeHome(config?: unknown) {
  const home = await mkdtemp(join(tmpdir(), 'ccx-settings-'));
  const file = join(home, '.config/cc-executor/config.json');
  if (config !== undefined) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(config));
  }
  return {
    home,
    file,
    resolve: (flags: ServeFlags = {}, env: Record<string, string> = {}) =>
      resolveServeSettings(flags, { env: { HOME: home, ...env }, cwd: '/somewhere' }, '1.2.3'),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true }),
  };
}

test('with nothing said the defaults hold', async () => {
  await using home = await makeHome();
  const { settings, logLevel } = await home.resolve();
  const stateDir = join(home.home, '.local/state/cc-executor');
  expect(logLevel).toBe('info');
  expect(settings).toMatchObject({
    version: '1.2.3',
    host: '127.0.0.1',
    port: 8004,
    stateDir,
    socketPath: join(stateDir, 'executor.sock'),
    policyFile: home.file,
    commandTimeoutMs: 600_000,
    claudeTimeoutMs: 3_600_000,
    lanes: { command: { concurrency: 16 }, claude: { concurrency: 4 } },
    cwd: '/somewhere',
    allowedHosts: [],
  });
  expect(settings.idleExitMs).toBeUndefined();
  // 256 bits in six bits a character.
  expect(settings.token).toMatch(/^[\w-]{43}$/);
  expect((await home.resolve()).settings.token).not.toBe(settings.token);
});

test('flags beat the environment, which beats the file', async () => {
  await using home = await makeHome({
    port: 1,
    host: 'localhost',
    defaultTimeout: 7,
    claudePath: '/file/claude',
  });
  const file = (await home.resolve()).settings;
  expect(file).toMatchObject({ port: 1, host: 'localhost', commandTimeoutMs: 7000, claudeTimeoutMs: 7000 });
  expect(file.claudePath).toBe('/file/claude');
  const env = {
    CC_EXECUTOR_DEFAULT_TIMEOUT: '0.5',
    CC_EXECUTOR_CLAUDE_PATH: '/env/claude',
    CC_EXECUTOR_STATE_DIR: '/env/state',
    CC_EXECUTOR_LOG_LEVEL: 'warn',
    CC_EXECUTOR_TOKEN: 'env-token',
  };
  const { settings, logLevel } = await home.resolve({}, env);
  expect({ ...settings, logLevel }).toMatchObject({
    commandTimeoutMs: 500,
    claudePath: '/env/claude',
    stateDir: '/env/state',
    logLevel: 'warn',
    token: 'env-token',
    port: 1,
  });
  const flagged = await home.resolve({ port: 0, stateDir: 'here', logLevel: 'debug', auth: 'none' }, env);
  expect(flagged.logLevel).toBe('debug');
  expect(flagged.settings).toMatchObject({ port: 0, stateDir: '/somewhere/here', token: undefined });
});

test('containment, limits, the rate of starts and their time come from where they are set', async () => {
  await using bare = await makeHome();
  expect((await bare.resolve()).settings).toMatchObject({
    containment: 'prefer',
    limits: undefined,
    maxStartsPerSecond: 100,
    startTimeoutMs: 60_000,
  });
  const limits = { openFiles: 256, coreBytes: 0 };
  await using home = await makeHome({
    containment: 'portable',
    limits,
    maxStartsPerSecond: 7,
    startTimeout: 2.5,
  });
  const { settings } = await home.resolve();
  const rest = { limits, maxStartsPerSecond: 7, startTimeoutMs: 2_500 };
  expect(settings).toMatchObject({ containment: 'portable', ...rest });
  const env = { CC_EXECUTOR_CONTAINMENT: 'require' };
  expect((await home.resolve({}, env)).settings.containment).toBe('require');
  expect((await home.resolve({ containment: 'prefer' }, env)).settings.containment).toBe('prefer');
});

test.each([
  [{ containment: 'full' }, 'containment'],
  [{ limits: { openFiles: 5 } }, 'limits.openFiles'],
  [{ limits: { memory: 5 } }, 'limits'],
  [{ maxStartsPerSecond: 0 }, 'maxStartsPerSecond'],
  [{ startTimeout: 0 }, 'startTimeout'],
])('the config file %j is refused because of %s', async (config, field) => {
  await using home = await makeHome(config);
  await expect(home.resolve()).rejects.toThrow(`${field}: `);
});

test('empty variables count as not set', async () => {
  await using home = await makeHome();
  const { settings } = await home.resolve({}, { CC_EXECUTOR_TOKEN: '', CC_EXECUTOR_DEFAULT_TIMEOUT: '' });
  expect(settings.token).toHaveLength(43);
  expect(settings.commandTimeoutMs).toBe(600_000);
});

test('XDG folders are used when they are absolute', async () => {
  await using home = await makeHome();
  const xdg = await home.resolve({}, { XDG_STATE_HOME: '/xdg/state', XDG_CONFIG_HOME: '/xdg/config' });
  expect(xdg.settings.stateDir).toBe('/xdg/state/cc-executor');
  expect(xdg.settings.policyFile).toBe('/xdg/config/cc-executor/config.json');
  const relative = await home.resolve({}, { XDG_STATE_HOME: 'state' });
  expect(relative.settings.stateDir).toBe(join(home.home, '.local/state/cc-executor'));
});

test('commands that the environment allows are added to those of the file', async () => {
  await using home = await makeHome({ policy: { allow: ['docker ps'] } });
  const both = { CC_EXECUTOR_ALLOWED_COMMANDS: ' terraform plan ,, helm', ALLOWED_COMMANDS: 'ignored' };
  expect((await home.resolve({}, both)).settings.policy.allow).toEqual([
    'docker ps',
    'terraform plan',
    'helm',
  ]);
  const older = (await home.resolve({}, { ALLOWED_COMMANDS: 'npm' })).settings;
  expect(older.policy.allow).toEqual(['docker ps', 'npm']);
});

test('marks of a job do not reach the jobs of an executor that is started inside of it', async () => {
  await using home = await makeHome();
  const env = { CC_EXECUTOR_TREE_ID: 't', CC_EXECUTOR_INSTANCE_ID: 'i', OTHER: 'o' };
  expect((await home.resolve({}, env)).settings.environment).toEqual({ HOME: home.home, OTHER: 'o' });
});

test('whoever can reach an executor from elsewhere must know a token and a name', async () => {
  await using home = await makeHome({ allowedHosts: ['executor.example'] });
  expect((await home.resolve({ host: '0.0.0.0' })).settings.host).toBe('0.0.0.0');
  await expect(home.resolve({ host: '0.0.0.0', auth: 'none' })).rejects.toThrow('without a token');
  await using bare = await makeHome();
  await expect(bare.resolve({ host: '::' })).rejects.toThrow('no name is listed');
  for (const host of ['127.0.0.2', '::1', 'localhost']) {
    expect((await bare.resolve({ host, auth: 'none' })).settings.token).toBeUndefined();
  }
});

test.each([
  ['CC_EXECUTOR_DEFAULT_TIMEOUT', 'soon'],
  ['CC_EXECUTOR_DEFAULT_TIMEOUT', '-1'],
  ['CC_EXECUTOR_LOG_LEVEL', 'loud'],
  ['CC_EXECUTOR_TOKEN', 'two words'],
])('%s=%s is refused by name, without its value', async (name, value) => {
  await using home = await makeHome();
  const error: unknown = await home.resolve({}, { [name]: value }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CommandError);
  expect((error as CommandError).message).toContain(name);
  expect((error as CommandError).message).not.toContain(value);
});

test('a config file that is named must be there and be JSON', async () => {
  await using home = await makeHome();
  await expect(home.resolve({ config: 'none.json' })).rejects.toThrow('/somewhere/none.json does not exist');
  const broken = join(home.home, 'broken.json');
  await writeFile(broken, '{ // no');
  await expect(home.resolve({ config: broken })).rejects.toThrow(`${broken} is not JSON`);
  await writeFile(broken, JSON.stringify({ lanes: { command: { concurrency: 0 } } }));
  await expect(home.resolve({ config: broken })).rejects.toThrow('lanes.command.concurrency: ');
});
