import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempDisposable, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LogEntry } from '@cc-executor/protocol';
import type { Tier } from '../src/tiers.ts';
import { startExecutorUnderTest, type ExecutorUnderTest } from './executor-under-test.ts';
import { Samples } from './samples.ts';

const ROUNDS = 5;
const FILE_BYTES = 256 * 1024 * 1024;
const CREDIT_BYTES = 8 * 1024 * 1024;

/** A Node process of its own that reads a file from `cat` and throws it away; prints how long that took. */
const bareReader = `
  const start = performance.now();
  const cat = require('node:child_process').spawn('/bin/cat', [process.argv[1]], { stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  cat.stdout.on('data', (chunk) => { bytes += chunk.length; });
  cat.stdout.on('end', () => console.log(JSON.stringify({ ms: performance.now() - start, bytes })));
`;

const texts = {
  'base64, ASCII log': {
    encoding: 'base64',
    line: '2026-11-21T12:00:00.000Z INFO  worker-7 finished unit 123456 in 42 ms, 17 left\n',
  },
  'utf8, ASCII log': {
    encoding: 'utf8',
    line: '2026-11-21T12:00:00.000Z INFO  worker-7 finished unit 123456 in 42 ms, 17 left\n',
  },
  'utf8, multi-byte': {
    encoding: 'utf8',
    line: '処理が完了しました。全部で百二十三件、エラーはありません。Größenänderung für Überprüfung – ok ✅\n',
  },
} as const;

/** Output of a job, through spool and socket, over a bare read of the same pipe, in turns. */
export async function benchOutputThroughput(tier: Tier): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'ccx-bench-'));
  // Its output goes with each job: a disk that fills up is not what is measured.
  await using subject = await startExecutorUnderTest(folder.path, tier, { maxEndedJobs: 0 });
  console.log(
    `\n/bin/cat of ${FILE_BYTES / 1024 / 1024} MiB to a client, over a bare read (containment ${tier})`,
  );
  for (const [name, { encoding, line }] of Object.entries(texts)) {
    const path = join(folder.path, 'text');
    const sha256 = await writeText(path, line);
    const bare = new Samples();
    const through = new Samples();
    // That it comes unchanged is seen apart, since hashing is no part of the way.
    await compare(subject, path, encoding, sha256);
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.add(await readBare(path));
      through.add(await readThroughJob(subject, path, encoding));
    }
    const megabytes = FILE_BYTES / 1e6;
    const rate = (samples: Samples): string => `${(megabytes / (samples.median / 1000)).toFixed(0)} MB/s`;
    const ratio = (bare.median / through.median).toFixed(2);
    console.log(
      `  ${name.padEnd(20)} ${rate(through).padStart(9)} of ${rate(bare).padStart(9)} = ${ratio}   (n = ${ROUNDS})`,
    );
  }
  const { rssBytes } = await subject.client.call('executor/status', {});
  console.log(`  resident memory of the executor afterwards: ${Math.round(rssBytes / 1e6)} MB`);
}

async function writeText(path: string, line: string): Promise<string> {
  await using file = await open(path, 'w');
  const hash = createHash('sha256');
  const block = Buffer.from(line.repeat(Math.ceil((1024 * 1024) / Buffer.byteLength(line))));
  for (let left = FILE_BYTES; left > 0; left -= block.length) {
    // Whole lines only: a character that is cut in two is nothing that utf8 can carry.
    const part = left < block.length ? Buffer.alloc(left, '.') : block;
    hash.update(part);
    await file.write(part);
  }
  return hash.digest('hex');
}

async function readBare(path: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', bareReader, path]);
  const { ms, bytes } = JSON.parse(stdout) as { ms: number; bytes: number };
  if (bytes !== FILE_BYTES) throw new Error(`the bare reader has read ${bytes} bytes`);
  return ms;
}

/** How long it takes until a client has taken all of it, in milliseconds. */
async function readThroughJob(
  subject: ExecutorUnderTest,
  path: string,
  encoding: 'utf8' | 'base64',
): Promise<number> {
  let bytes = 0;
  const start = performance.now();
  for await (const entry of followCat(subject, path, encoding)) {
    if (entry.type === 'output') bytes += entry.bytes;
  }
  const ms = performance.now() - start;
  if (bytes !== FILE_BYTES) throw new Error(`${bytes} bytes came (${encoding})`);
  return ms;
}

/** @throws Error when what comes is not what was printed */
async function compare(
  subject: ExecutorUnderTest,
  path: string,
  encoding: 'utf8' | 'base64',
  sha256: string,
): Promise<void> {
  const hash = createHash('sha256');
  for await (const entry of followCat(subject, path, encoding)) {
    if (entry.type === 'output') hash.update(entry.data, encoding);
  }
  if (hash.digest('hex') !== sha256)
    throw new Error(`what was received differs from what was sent (${encoding})`);
}

async function* followCat(
  { client }: ExecutorUnderTest,
  path: string,
  encoding: 'utf8' | 'base64',
): AsyncGenerator<LogEntry> {
  const attach = { encoding, creditBytes: CREDIT_BYTES };
  const job = await client.startJob({ kind: 'command', cwd: '/', argv: ['cat', path], attach });
  yield* job.entries();
}
