import fc from "fast-check";
import {
  baseOf,
  capacityFor,
  ENTRY_WORDS,
  EntrySpace,
} from "../../../../../shared/core/window/entry-space.ts";

interface Room {
  readonly address: number;
  readonly capacity: number;
  readonly mark: number;
}

const size = fc.oneof(
  fc.integer({ min: 1, max: 100 }),
  fc.constantFrom(1000, 20_000, 65_536, 65_537),
);
const step = fc.record({ take: fc.option(size), give: fc.nat(50) });

function wordsOf(space: EntrySpace, { address, capacity }: Room): Uint32Array {
  const base = baseOf(address);
  return space.wordsAt(address).subarray(base, base + capacity * ENTRY_WORDS);
}

test("room that is taken is nobody else's until it is given back", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const space = new EntrySpace();
      const rooms: Room[] = [];
      let mark = 0;
      for (const { take, give } of steps) {
        if (take === null) {
          const [given] = rooms.splice(give % Math.max(1, rooms.length), 1);
          if (given !== undefined) space.give(given.address, given.capacity);
          continue;
        }
        const capacity = capacityFor(take);
        const room = { address: space.take(capacity), capacity, mark: ++mark };
        expect(wordsOf(space, room).length).toBe(capacity * ENTRY_WORDS);
        wordsOf(space, room).fill(mark);
        rooms.push(room);
      }
      for (const room of rooms) {
        const words = wordsOf(space, room);
        expect([words[0], words.at(-1), words.indexOf(room.mark + 1)]).toEqual([
          room.mark,
          room.mark,
          -1,
        ]);
      }
    }),
    { numRuns: 50 },
  );
});

test("room that was given back is taken again before there is more of it", () => {
  const space = new EntrySpace();
  const capacity = capacityFor(20);
  expect(capacity).toBe(32);
  const taken = Array.from({ length: 100 }, () => space.take(capacity));
  for (const address of taken) space.give(address, capacity);
  expect(Array.from(taken, () => space.take(capacity)).toSorted()).toEqual(taken.toSorted());
});
