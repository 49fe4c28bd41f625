import type { ExecutorClient } from '@cc-executor/client';
import type { JobView, MethodInput } from '@cc-executor/protocol';
import { renderEntries } from './render-entries.ts';

const PAGE_BYTES = 256 * 1024;

/** What an entry of a Claude's log reads as: what it said, or a tool that it used. */
export interface ClaudeLines {
  readonly seq: number;
  readonly lines: string[];
}

/**
 * What a Claude said and did, as far as it has come when this is called. Entries that read as nothing, such as pieces
 * of a text that comes whole later, come without lines.
 */
export async function* claudeLines(
  client: ExecutorClient,
  { jobId, lastSeq }: JobView,
  from: Pick<MethodInput<'job/read'>, 'afterSeq' | 'tailBytes'>,
  signal: AbortSignal,
): AsyncGenerator<ClaudeLines, void, undefined> {
  let place = from;
  for (;;) {
    const params = { jobId, ...place, maxBytes: PAGE_BYTES };
    const page = await client.call('job/read', { ...params, include: ['event'] }, { signal });
    for (const entry of page.entries) {
      const seq = entry.type === 'gap' ? entry.firstSeq - 1 : entry.seq;
      yield { seq, lines: renderEntries([entry]).flatMap((text) => text.split('\n')) };
    }
    // What was passed over counts as read.
    yield { seq: page.nextAfterSeq, lines: [] };
    if (page.atEnd || page.entries.length === 0 || page.nextAfterSeq >= lastSeq) return;
    place = { afterSeq: page.nextAfterSeq };
  }
}
