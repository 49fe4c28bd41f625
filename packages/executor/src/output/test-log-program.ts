import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { GapEntry, LogReader, ReadEntry, ReadFrom } from './readable-log.ts';
import { closed, event, type TestLog } from './test-log.ts';

/** What a log was given, by which what is read is judged. */
interface Given {
  readonly offset: number;
  readonly data: Buffer | undefined;
}

/** An end of an entry. */
interface Place {
  readonly seq: number;
  readonly offset: number;
}

/** One who reads a log beside the one who writes it. */
interface Reading {
  readonly from: ReadFrom;
  /** Turns of the loop between two entries; undefined reads nothing before the log is closed. */
  readonly paceTurns: number | undefined;
}

/** What happens to a log. */
export type Step =
  | { readonly do: 'print'; readonly stream: 'stdout' | 'stderr'; readonly bytes: number }
  | { readonly do: 'event' }
  | { readonly do: 'settle' }
  | { readonly do: 'rest'; readonly microtasks: number; readonly turns: number }
  | {
      readonly do: 'read';
      readonly by: 'seq' | 'place' | 'offset';
      readonly at: number;
      readonly pace: number;
    };

const bytes = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 1, max: 64 * 1024 }),
  fc.constant(64 * 1024),
);
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('print' as const),
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      bytes,
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'event' }, { do: 'settle' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('rest' as const),
      microtasks: fc.nat({ max: 8 }),
      turns: fc.nat({ max: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('read' as const),
      by: fc.constantFrom('seq' as const, 'place' as const, 'offset' as const),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      pace: fc.integer({ min: 0, max: 4 }),
    }),
  },
);

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Writes to a log while others read it, and judges all that they see by what was written. */
export class LogProgram {
  readonly #given: Given[] = [];
  readonly #readings: Promise<void>[] = [];
  readonly #opened: TestLog;
  readonly #closed = Promise.withResolvers<void>();

  constructor(opened: TestLog) {
    this.#opened = opened;
  }

  async run(steps: readonly Step[]): Promise<void> {
    this.#read({ from: { afterSeq: 0 }, paceTurns: 0 });
    for (const each of steps) await this.#take(each);
    this.#read({ from: { afterSeq: 0 }, paceTurns: undefined });
    this.#append(closed);
    this.#closed.resolve();
    await Promise.all(this.#readings);
  }

  async #take(each: Step): Promise<void> {
    const { log } = this.#opened;
    if (each.do === 'print') {
      const data = Buffer.alloc(each.bytes, `${log.lastSeq},`);
      this.#given.push({ offset: log.outputBytes, data });
      log.appendOutput(each.stream, [data.subarray(0, 7), data.subarray(7)]);
    } else if (each.do === 'event') {
      this.#append(event);
    } else if (each.do === 'settle') {
      await log.settled();
    } else if (each.do === 'rest') {
      for (let count = 0; count < each.microtasks; count += 1) await Promise.resolve();
      for (let count = 0; count < each.turns; count += 1) await turn();
    } else {
      const afterSeq = Math.floor(each.at * log.lastSeq);
      const afterOffset = this.#offsetAfter(afterSeq);
      const places = {
        seq: { afterSeq },
        place: { afterSeq, afterOffset },
        offset: { offset: Math.floor(each.at * log.outputBytes) },
      };
      this.#read({ from: places[each.by], paceTurns: each.pace === 4 ? undefined : each.pace });
    }
  }

  #append(entry: typeof event | typeof closed): void {
    const { log } = this.#opened;
    this.#given.push({ offset: log.outputBytes, data: undefined });
    log.append(entry);
  }

  #read(reading: Reading): void {
    const { log } = this.#opened;
    const read = async (): Promise<void> => {
      await using reader = log.reader(reading.from);
      await this.#readAll(reader, reading);
    };
    this.#readings.push(read());
  }

  async #readAll(reader: LogReader, { from, paceTurns }: Reading): Promise<void> {
    const { log } = this.#opened;
    let last: Place | undefined;
    for (let emptyLoads = 0; !log.isClosed || reader.afterSeq < log.lastSeq;) {
      if (paceTurns === undefined) await this.#closed.promise;
      const entry = reader.peek();
      if (entry !== undefined) {
        emptyLoads = 0;
        last = this.#judge(entry, from, last);
        reader.advance();
        assert.deepEqual({ seq: reader.afterSeq, offset: reader.offset }, last);
        for (let count = 0; count < (paceTurns ?? 0); count += 1) await turn();
      } else if (await reader.load()) {
        emptyLoads += 1;
        assert.ok(emptyLoads < 100);
      } else {
        // One that begins at a byte after the last passes over what has come meanwhile and is no output.
        await (log.isClosed || reader.afterSeq < log.lastSeq ? turn() : log.changed());
      }
    }
    assert.equal(reader.offset, log.outputBytes);
  }

  /** Compares what was read with what was given. @returns where it ends */
  #judge(entry: ReadEntry, from: ReadFrom, last: Place | undefined): Place {
    if (entry.type === 'gap') return this.#judgeGap(entry, from, last);
    if (last !== undefined) assert.equal(entry.seq, last.seq + 1);
    else if ('afterSeq' in from) assert.equal(entry.seq, from.afterSeq + 1);
    const end = { seq: entry.seq, offset: this.#offsetAfter(entry.seq) };
    if (last === undefined && 'offset' in from)
      assert.ok(entry.type !== 'output' || end.offset > from.offset);
    const given = this.#given[entry.seq - 1];
    if (entry.type === 'output') {
      assert.equal(entry.offset, given?.offset);
      assert.ok(given?.data?.equals(entry.data));
      if (last === undefined && 'offset' in from) assert.ok(entry.offset <= from.offset);
    } else {
      assert.ok(given !== undefined && given.data === undefined);
    }
    return end;
  }

  #judgeGap({ fromSeq, firstSeq, lostBytes }: GapEntry, from: ReadFrom, last: Place | undefined): Place {
    // Whatever is kept is shown.
    assert.ok(firstSeq > fromSeq && firstSeq <= this.#opened.log.firstSeq);
    const end = { seq: firstSeq - 1, offset: this.#offsetAfter(firstSeq - 1) };
    if (last !== undefined) {
      assert.deepEqual([fromSeq, lostBytes], [last.seq + 1, end.offset - last.offset]);
    } else if ('offset' in from) {
      assert.deepEqual([fromSeq, lostBytes], [1, end.offset - from.offset]);
    } else {
      assert.equal(fromSeq, from.afterSeq + 1);
      const offset = from.afterOffset ?? (from.afterSeq === 0 ? 0 : undefined);
      if (offset !== undefined) assert.equal(lostBytes, end.offset - offset);
    }
    return end;
  }

  #offsetAfter(seq: number): number {
    const given = this.#given[seq - 1];
    return given === undefined ? 0 : given.offset + (given.data?.length ?? 0);
  }
}
