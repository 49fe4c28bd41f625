import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openProcessTable } from '../process-table-source.ts';
import { readBootId } from './boot-id.ts';
import { readJournal } from './journal.ts';
import { endWards } from './ward.ts';

/**
 * Ends what the trees in these journals have left, and forgets them: executor and guardian died together. Pids that
 * have gone to others, or that are from before the machine was started, harm nobody.
 *
 * @returns How many trees were in the journals.
 */
export async function replayJournals(folder: string): Promise<number> {
  let count = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(folder, entry.name);
    const journal = readJournal(path);
    if (journal !== undefined && journal.header.bootId === readBootId()) {
      // Also without a ward: a tree may have been on its way.
      await endWards(journal.wards.values(), openProcessTable(journal.header.instanceId, 'foreign'));
      count += journal.wards.size;
    }
    rmSync(path, { force: true });
  }
  return count;
}
