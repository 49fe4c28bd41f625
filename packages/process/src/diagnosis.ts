import type { Readable } from 'node:stream';

/** Longer ones are cut: what went wrong is said first. */
const longestDiagnosis = 4096;

/** Collects the beginning of what a program says about its own failure, for as long as it can be heard. */
export async function collectDiagnosis(stream: Readable): Promise<string> {
  let text = '';
  try {
    for await (const chunk of stream.setEncoding('utf8')) text = (text + chunk).slice(0, longestDiagnosis);
  } catch {
    // The stream was dropped, since nobody wants to hear any more.
  }
  return text.trim();
}
