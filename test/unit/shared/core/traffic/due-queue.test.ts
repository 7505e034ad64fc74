import fc from "fast-check";
import { DueQueue } from "../../../../../shared/core/traffic/due-queue.ts";

test("items come out in the order of their times, equal ones as they were put in, none too early", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, (added) => {
      const queue = new DueQueue<number>();
      let waiting: { readonly dueMs: number; readonly item: number }[] = [];
      added.forEach(([dueMs, takes], item) => {
        queue.add(dueMs, item);
        waiting.push({ dueMs, item });
        waiting = waiting.toSorted((left, right) => left.dueMs - right.dueMs);
        if (!takes) return;
        const [first] = waiting;
        expect(queue.firstDueMs).toBe(first?.dueMs);
        const isDue = first !== undefined && first.dueMs <= 10;
        expect(queue.take(10)).toBe(isDue ? first.item : undefined);
        if (isDue) waiting.shift();
      });
    }),
  );
});
