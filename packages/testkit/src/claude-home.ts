import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How a Claude run signs in: a dummy API key, a dummy subscription token, or not at all. */
export type ClaudeAuth = 'apiKey' | 'oauth' | 'none';

/** What a run's environment says besides the folders. */
export interface ClaudeEnvOptions {
  /** @default apiKey */
  readonly auth?: ClaudeAuth;
  /** How often the CLI repeats a request that failed, 0 to 15. @default 0 */
  readonly maxRetries?: number;
}

/** A private place for Claude runs, removed on disposal. */
export interface ClaudeHome extends AsyncDisposable {
  /** HOME of the runs. */
  readonly home: string;
  /** CLAUDE_CONFIG_DIR: settings and transcripts. */
  readonly configDir: string;
  /** TMPDIR. Short, because the CLI puts Unix sockets below it. */
  readonly tmpDir: string;
  /** An empty folder to run in. */
  readonly workDir: string;
  /**
   * The whole environment for a Claude run that talks to nothing but `api`.
   * It has no IS_SANDBOX.
   */
  env(api: { readonly url: string }, options?: ClaudeEnvOptions): Record<string, string>;
}

/** Creates a private home for Claude runs in the temporary folder. */
export async function createClaudeHome(): Promise<ClaudeHome> {
  const root = await mkdtemp(join(tmpdir(), 'cch-'));
  const [home, configDir, tmpDir, workDir] = [
    join(root, 'h'),
    join(root, 'c'),
    join(root, 't'),
    join(root, 'w'),
  ];
  await Promise.all([home, configDir, tmpDir, workDir].map((path) => mkdir(path)));
  return {
    home,
    configDir,
    tmpDir,
    workDir,
    env: (api, { auth = 'apiKey', maxRetries = 0 } = {}) => ({
      PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
      HOME: home,
      TMPDIR: tmpDir,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
      CLAUDE_CONFIG_DIR: configDir,
      ANTHROPIC_BASE_URL: api.url,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_MAX_RETRIES: String(maxRetries),
      ...credentials[auth],
    }),
    // A run that was just killed may still be writing, hence the retries.
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}

const credentials: Record<ClaudeAuth, Record<string, string>> = {
  apiKey: { ANTHROPIC_API_KEY: 'dummy-key-for-the-scripted-api' },
  oauth: { CLAUDE_CODE_OAUTH_TOKEN: 'dummy-token-for-the-scripted-api' },
  none: {},
};
