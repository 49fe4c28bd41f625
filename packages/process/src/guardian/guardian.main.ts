import { openProcessTable } from '../process-table-source.ts';
import { readBootId } from './boot-id.ts';
import { Journal } from './journal.ts';
import type { Order } from './order.ts';
import { endWards } from './ward.ts';

// The guardian: a small process that outlives the executor. Its standard input is a pipe that only the executor
// writes to, so its end is the executor's end, however that came about.

const [instanceId = '', journalPath = ''] = process.argv.slice(2);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {});
// The executor has died: there is nobody to answer any more, and everything to do.
process.stdout.on('error', () => {});

const journal = new Journal(journalPath, { version: 1, instanceId, bootId: readBootId() });
const source = openProcessTable(instanceId, 'foreign');
// A first look, so that the one that matters finds everything loaded.
await source.scan();

process.stdout.write('ready\n');
let rest = '';
process.stdin.setEncoding('utf8');
process.stdin.on('error', () => process.stdin.destroy());
process.stdin.on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  let acknowledged = '';
  for (const line of lines) {
    const order = JSON.parse(line) as Order;
    if ('add' in order) journal.add(order.add);
    else if ('replace' in order) journal.replace(order.replace);
    else journal.remove(order.remove);
    if ('number' in order) acknowledged += `${order.number}\n`;
  }
  if (acknowledged !== '') process.stdout.write(acknowledged);
});
process.stdin.once('close', () => {
  void endWards(journal.wards, source).finally(() => {
    journal.discard();
    process.exit();
  });
});
