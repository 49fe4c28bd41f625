import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { AtQuota } from '@cc-executor/protocol';
import { drain, folderBytes, openLog, roomySpace } from './test-log.ts';

// Run where the disk, or each file, takes little: prints into a log what it is told to, and writes what became of it.
const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '' },
    atQuota: { type: 'string', default: 'tail' },
    follow: { type: 'boolean', default: false },
    /** Output of so many ended jobs takes half of the disk. */
    ended: { type: 'string', default: '0' },
  },
});
const KIB = 1024;
const { folder } = values;
const space = roomySpace(0);
const ended = Array.from({ length: Number(values.ended) }, (_, index) => join(folder, `ended-${index}`));
await mkdir(folder, { recursive: true });
for (const path of ended) await writeFile(path, Buffer.alloc((512 * KIB) / ended.length));
space.reclaim = () => {
  const path = ended.pop();
  // Its lines are counted first.
  return path === undefined ? undefined : setTimeout(50).then(() => rm(path));
};
const retention = { atQuota: values.atQuota as AtQuota, maxBytes: 8 * 1024 * KIB };
await using opened = await openLog({ folder: join(folder, 'log'), space, retention });
const { log, faults } = opened;
const consumer = values.follow ? log.join(0) : undefined;
const total = Number(values.ended) > 0 ? 640 * KIB : 3 * 1024 * KIB;
for (let printed = 0; printed < total; printed += 32 * KIB) {
  log.appendOutput('stdout', [Buffer.alloc(32 * KIB, 'x')]);
  if (log.isFull) await log.ready();
}
await log.settled();
log.append({ type: 'closed', outcome: { status: 'succeeded' }, drained: true });
await log.settled();
consumer?.leave(false);
await using reader = log.reader({ afterSeq: 0 });
const entries = await drain(reader);
const result = {
  codes: faults.map(({ code }) => code),
  message: faults[0]?.message.replaceAll(folder, '…'),
  outputBytes: log.outputBytes,
  droppedBytes: log.counts.droppedBytes,
  readBytes: entries.reduce((sum, entry) => sum + (entry.type === 'output' ? entry.data.length : 0), 0),
  lostBytes: entries.reduce((sum, entry) => sum + (entry.type === 'gap' ? entry.lostBytes : 0), 0),
  last: entries.at(-1)?.type,
  files: (await readdir(folder)).length,
  isStoredExact: (await folderBytes(join(folder, 'log'))) === log.counts.storedBytes,
};
process.stdout.write(JSON.stringify(result));
