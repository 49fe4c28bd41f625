import type { ExecutorClient } from '@cc-executor/client';
import type { JobView, MethodResult } from '@cc-executor/protocol';
import { OutputView } from '../view/output-view.ts';

/** Output is asked for in pages of so many bytes. */
const PAGE_BYTES = 64 * 1024;

/** Head and tail of a command's output, read from the log of a job that has ended. */
export async function readEndedOutput(
  client: ExecutorClient,
  { jobId, outputBytes }: JobView,
  maxChars: number,
  signal: AbortSignal,
): Promise<string> {
  const view = new OutputView(maxChars);
  // Escape sequences and redrawn lines take bytes that the view does not show.
  const edgeBytes = maxChars * 2;
  const read = async (from: { afterSeq: number } | { tailBytes: number }) => {
    const page = await client.call(
      'job/read',
      { jobId, ...from, maxBytes: PAGE_BYTES, include: ['output'] },
      { signal },
    );
    let endByte = 0;
    for (const entry of page.entries) {
      if (entry.type === 'output') endByte = entry.offset + entry.bytes;
    }
    return { ...page, endByte };
  };
  let page = await read({ afterSeq: 0 });
  for (const entry of page.entries) view.take(entry);
  if (outputBytes - page.endByte > edgeBytes + PAGE_BYTES) {
    const headEndByte = page.endByte;
    page = await read({ tailBytes: edgeBytes });
    view.skip(Math.max(0, firstByte(page) - headEndByte));
    for (const entry of page.entries) view.take(entry);
  }
  while (!page.atEnd && page.entries.length > 0) {
    page = await read({ afterSeq: page.nextAfterSeq });
    for (const entry of page.entries) view.take(entry);
  }
  return view.render(jobId);
}

function firstByte({ entries }: MethodResult<'job/read'>): number {
  const first = entries.find((entry) => entry.type === 'output');
  return first?.offset ?? 0;
}
