import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RECORD_HEAD_BYTES, recordBytes, recordKinds, writeRecord } from './record.ts';
import { SLAB_BYTES, SlabPool } from './slab-pool.ts';
import { TailMemory } from './tail-memory.ts';

const KIB = 1024;

/** Adds a record of output. @returns where it begins */
function add(memory: TailMemory, seq: number, payload: Buffer): number {
  const bytes = recordBytes(payload.length);
  const { buffer, at } = memory.extend(bytes, seq);
  const numbers = { seq, kind: recordKinds.stdout, offset: 0 };
  writeRecord(buffer, at, { ...numbers, payload: [payload], payloadBytes: payload.length });
  return memory.end - bytes;
}

test('records are found by place and by number as long as they are kept, and lie as they will on disk', () => {
  const sizes = fc.array(fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 70 * KIB })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), fc.nat({ max: 1_000 }), (all, flushedAt, wanted, start) => {
      const pool = new SlabPool(0);
      using memory = new TailMemory(pool, start);
      const places = all.map((size, index) => add(memory, index + 1, Buffer.alloc(size, index)));
      const end = memory.end;
      expect([...places.slice(1), end]).toEqual(
        places.map((place, index) => place + recordBytes(all[index] ?? 0)),
      );
      // Memory is short, so all that is on disk goes, but for what shares a slab with what is not.
      const flushed = [...places, end][flushedAt % (places.length + 1)] ?? end;
      memory.flushed(flushed);
      expect(memory.start).toBeLessThanOrEqual(flushed);
      expect(flushed - memory.start).toBeLessThan(SLAB_BYTES + 70 * KIB);
      for (const [index, place] of places.entries()) {
        const record = memory.recordAt(place);
        expect(record?.head.seq).toBe(place < memory.start ? undefined : index + 1);
      }
      expect([memory.recordAt(end), memory.recordAt(memory.start - 1)]).toEqual([undefined, undefined]);
      const seq = (wanted % (places.length + 1)) + 1;
      const kept = places.findIndex((place, index) => place >= memory.start && index + 1 >= seq);
      expect(memory.find((head) => head.seq >= seq)).toBe(places[kept]);
      const bytes = Buffer.concat(memory.slices(flushed, end));
      expect(bytes.length).toBe(end - flushed);
      for (const [index, place] of places.entries()) {
        if (place < flushed) continue;
        const from = place - flushed + RECORD_HEAD_BYTES;
        expect(bytes.subarray(from, from + (all[index] ?? 0)).every((byte) => byte === index)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('what is on disk stays in memory as a tail of some MiB while there is room', () => {
  const pool = new SlabPool(1024 ** 3);
  using memory = new TailMemory(pool, 0);
  for (let seq = 1; seq <= 100; seq += 1) {
    add(memory, seq, Buffer.alloc(64 * KIB));
    memory.flushed(memory.end);
    expect(pool.usedBytes).toBeLessThanOrEqual(2048 * KIB + SLAB_BYTES);
  }
  expect(memory.end - memory.start).toBeGreaterThan(2048 * KIB - 2 * SLAB_BYTES);
});

test('what is not on disk is never let go', () => {
  using memory = new TailMemory(new SlabPool(0), 0);
  for (let seq = 1; seq <= 100; seq += 1) add(memory, seq, Buffer.alloc(64 * KIB));
  expect([memory.start, memory.recordAt(0)?.head.seq]).toEqual([0, 1]);
});

test('all memory is given back in the end, and nothing is found in it', () => {
  const pool = new SlabPool(1024 ** 3);
  const memory = new TailMemory(pool, 8);
  add(memory, 1, Buffer.alloc(1_000));
  expect(pool.usedBytes).toBe(4 * KIB);
  memory[Symbol.dispose]();
  memory[Symbol.dispose]();
  expect([pool.usedBytes, memory.recordAt(8), memory.find(() => true)]).toEqual([0, undefined, undefined]);
});
