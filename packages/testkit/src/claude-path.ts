import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

let checkedPath: string | undefined;

/** The pinned Claude CLI is not usable on this machine. */
export class ClaudeMissingError extends Error {
  override readonly name = 'ClaudeMissingError';
  readonly code = 'claudeMissing';
}

/**
 * Absolute path of the real Claude CLI that this repository pins.
 * It is run once with `--version`, because an install without scripts leaves a stub in its place.
 *
 * @throws {ClaudeMissingError} when it is not installed, does not run, or is another version
 */
export function claudePath(): string {
  checkedPath ??= findClaude();
  return checkedPath;
}

function findClaude(): string {
  const require = createRequire(import.meta.url);
  let manifestPath: string;
  try {
    manifestPath = require.resolve('@anthropic-ai/claude-code/package.json');
  } catch (cause) {
    throw new ClaudeMissingError('@anthropic-ai/claude-code is not installed; run the install first', {
      cause,
    });
  }
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { version: string };
  const candidates = [
    join(dirname(manifestPath), 'bin', 'claude.exe'),
    ...platformBinaries(createRequire(manifestPath)),
  ];
  const seen: string[] = [];
  for (const path of candidates) {
    const version = versionOf(path);
    if (version === manifest.version) return path;
    seen.push(`${path}: ${version}`);
  }
  throw new ClaudeMissingError(`no Claude CLI ${manifest.version} found; looked at ${seen.join(', ')}`);
}

/** Without install scripts the program lies only in the package of the platform. */
function platformBinaries(require: NodeJS.Require): string[] {
  const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;
  const found: string[] = [];
  for (const name of [platform, `${platform}-musl`]) {
    try {
      found.push(join(dirname(require.resolve(`${name}/package.json`)), 'claude'));
    } catch {
      // Only the package for this platform is ever installed.
    }
  }
  return found;
}

function versionOf(path: string): string {
  if (!existsSync(path)) return 'missing';
  try {
    const printed = execFileSync(path, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return printed.split(' ')[0] ?? '';
  } catch {
    return 'does not run';
  }
}
