import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogReader, ReadEntry, ReadFrom } from './readable-log.ts';
import { closed, event, openLog, roomySpace, type TestLog } from './test-log.ts';

/** What a log was given, by which what is read is judged. */
interface Given {
  readonly seq: number;
  readonly offset: number;
  readonly data: Buffer | undefined;
}

/** One who reads a log beside the one who writes it. */
interface Reading {
  readonly from: ReadFrom;
  /** Turns of the loop between two entries; undefined reads nothing before the log is closed. */
  readonly paceTurns: number | undefined;
}

type Step =
  | { readonly do: 'print'; readonly stream: 'stdout' | 'stderr'; readonly bytes: number }
  | { readonly do: 'event' | 'settle' }
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
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('print' as const),
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      bytes,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('event' as const, 'settle' as const) }) },
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

/** Runs a program against a log and returns what was given and who was to read. */
class Program {
  readonly given: Given[] = [];
  readonly readings: Promise<void>[] = [];
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
    await Promise.all(this.readings);
  }

  async #take(each: Step): Promise<void> {
    const { log } = this.#opened;
    if (each.do === 'print') {
      const data = Buffer.alloc(each.bytes, `${log.lastSeq},`);
      this.given.push({ seq: log.lastSeq + 1, offset: log.outputBytes, data });
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
    this.given.push({ seq: log.lastSeq + 1, offset: log.outputBytes, data: undefined });
    log.append(entry);
  }

  #read(reading: Reading): void {
    const { log } = this.#opened;
    const read = async (): Promise<void> => {
      await using reader = log.reader(reading.from);
      await this.#readAll(reader, reading);
    };
    this.readings.push(read());
  }

  async #readAll(reader: LogReader, { from, paceTurns }: Reading): Promise<void> {
    const { log } = this.#opened;
    let last: { seq: number; offset: number } | undefined;
    for (let emptyLoads = 0; !log.isClosed || reader.afterSeq < log.lastSeq;) {
      if (paceTurns === undefined) await this.#closed.promise;
      const entry = reader.peek();
      if (entry !== undefined) {
        emptyLoads = 0;
        last = this.#judge(entry, from, last);
        reader.advance();
        expect({ seq: reader.afterSeq, offset: reader.offset }).toEqual(last);
        for (let count = 0; count < (paceTurns ?? 0); count += 1) await turn();
      } else if (await reader.load()) {
        emptyLoads += 1;
        expect(emptyLoads).toBeLessThan(100);
      } else {
        await (reader.afterSeq < log.lastSeq ? turn() : log.changed(AbortSignal.timeout(5_000)));
      }
    }
    expect(reader.offset).toBe(log.outputBytes);
  }

  /** Compares an entry with what was given. @returns where it ends */
  #judge(
    entry: ReadEntry,
    from: ReadFrom,
    last: { seq: number; offset: number } | undefined,
  ): { seq: number; offset: number } {
    const { log } = this.#opened;
    if (entry.type === 'gap') {
      // Whatever is kept is shown.
      expect(entry.firstSeq).toBeLessThanOrEqual(log.firstSeq);
      const first = { seq: entry.firstSeq - 1, offset: this.#offsetAfter(entry.firstSeq - 1) };
      if (last === undefined && 'offset' in from) {
        expect(entry).toMatchObject({ fromSeq: 1, lostBytes: first.offset - from.offset });
      } else {
        const fromSeq = last?.seq ?? ('afterSeq' in from ? from.afterSeq : 0);
        expect(entry.fromSeq).toBe(fromSeq + 1);
        const isExact = last !== undefined || 'afterOffset' in from;
        if (isExact || fromSeq === 0) expect(entry.lostBytes).toBe(first.offset - this.#offsetAfter(fromSeq));
      }
      expect(entry.firstSeq).toBeGreaterThan(entry.fromSeq);
      return first;
    }
    const given = this.given[entry.seq - 1];
    if (last !== undefined) expect(entry.seq).toBe(last.seq + 1);
    else if ('afterSeq' in from) expect(entry.seq).toBe(from.afterSeq + 1);
    else if (entry.type === 'output') {
      expect(entry.offset).toBeLessThanOrEqual(from.offset);
      expect(entry.offset + entry.data.length).toBeGreaterThan(from.offset);
    }
    if (entry.type === 'output') {
      expect(entry.offset).toBe(given?.offset);
      expect(given?.data?.equals(entry.data)).toBe(true);
    } else {
      expect(given?.data).toBeUndefined();
    }
    return { seq: entry.seq, offset: this.#offsetAfter(entry.seq) };
  }

  #offsetAfter(seq: number): number {
    const given = this.given[seq - 1];
    return given === undefined ? 0 : given.offset + (given.data?.length ?? 0);
  }
}

test.each([0, 4096, 600 * 1024, 1024 ** 3])(
  'with %i bytes of memory for logs, every reader sees all that is kept, and what it misses as a gap',
  async (memoryBytes) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 150, size: 'max' }),
        fc.integer({ min: 128 * 1024, max: 4 * 1024 * 1024 }),
        async (steps, maxBytes) => {
          const space = roomySpace(memoryBytes);
          await using opened = await openLog({ space, retention: { maxBytes } });
          const program = new Program(opened);
          await program.run(steps);
          expect(opened.faults).toEqual([]);
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  },
);
