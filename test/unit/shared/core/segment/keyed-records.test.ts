import fc from "fast-check";
import {
  KeyedRecords,
  OWN,
  RECORD_WORDS,
} from "../../../../../shared/core/segment/keyed-records.ts";

/** Few values, so that keys repeat, share parts and lie beside each other. */
const word = fc.oneof(fc.nat(3), fc.integer({ min: 0xff_ff_ff_fe, max: 0xff_ff_ff_ff }));
const key = fc.tuple(word, fc.oneof(word, fc.nat(3000)), fc.nat(2));
const bundles = fc.array(fc.array(key, { maxLength: 4000, size: "max" }), { maxLength: 3 });

test("records are found by their key as in a map, through growing and clearing", () => {
  const records = new KeyedRecords();
  fc.assert(
    fc.property(bundles, (all) => {
      for (const keys of all) {
        records.clear();
        const places = new Map<string, { at: number; uses: number }>();
        const wrong = keys.filter(([high, low, group]) => {
          const id = `${high} ${low} ${group}`;
          const held = places.get(id) ?? { at: places.size * RECORD_WORDS, uses: 0 };
          places.set(id, held);
          const at = records.find(high | 0, low, group);
          const uses = records.words[at + OWN] ?? 0;
          records.words[at + OWN] = uses + 1;
          return at !== held.at || uses !== held.uses++;
        });
        expect(wrong).toEqual([]);
        expect(records.count).toBe(places.size);
      }
    }),
    { numRuns: 50 },
  );
});
