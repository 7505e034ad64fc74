import {
  learnTail,
  resetTail,
  TAIL_SIZE,
  tailNats,
  tailValueAt,
} from "../../../../../shared/core/detector/peak-tail.ts";
import { prng } from "../../../../support/prng.ts";

/** A tail that has learned `count` values drawn by `draw`, and the rest of the draws. */
function learned(count: number, draw: () => number): Float32Array {
  const state = new Float32Array(TAIL_SIZE);
  resetTail(state, 0, 1);
  for (let index = 0; index < count; index += 1) learnTail(state, 0, draw());
  return state;
}

test.each([1, 2, 3, 4])(
  "D11: of exponential noise, episodes of n nats come once in e^n slices, seed %i",
  (seed) => {
    const random = prng(seed);
    const draw = (): number => -2 * Math.log(1 - random());
    const state = learned(40_000, draw);
    const slices = 200_000;
    for (const nats of [5, 7]) {
      let episodes = 0;
      for (let index = 0; index < slices; index += 1) {
        if (tailNats(state, 0, draw(), 0) >= nats) episodes += 1;
      }
      const ratio = episodes / (slices * Math.exp(-nats));
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    }
  },
);

test("D12: one monstrous episode in a hundred hardly moves the tail", () => {
  const random = prng(9);
  const draw = (): number => -Math.log(1 - random());
  const clean = learned(40_000, draw);
  let count = 0;
  const struck = learned(40_000, () => {
    count += 1;
    return count % 7200 < 20 ? 1e6 : draw();
  });
  expect(tailNats(struck, 0, 12, 0)).toBeGreaterThan(0.8 * tailNats(clean, 0, 12, 0));
});

test("the value of so many nats has so many nats", () => {
  const random = prng(3);
  const state = learned(20_000, () => -Math.log(1 - random()));
  for (const nats of [1, 4, 6, 10]) {
    expect(tailNats(state, 0, tailValueAt(state, 0, nats), 0)).toBeCloseTo(nats, 4);
  }
});
