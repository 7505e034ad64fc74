import { StaleAnswers } from "../../../../../workers/console/server/stale-answers.ts";

test("an answer is read anew when its version is another, when it is old, and when nobody asked meanwhile", () => {
  const answers = new StaleAnswers(1000);
  expect(answers.isStale("b1", 0, 0)).toBe(true);
  answers.note("b1", 1, 0);
  expect(answers.isStale("b1", 1, 999)).toBe(false);
  expect(answers.isStale("b1", 2, 999)).toBe(true);
  expect(answers.isStale("b1", 1, 1000)).toBe(true);
  answers.keepOnly(["b2"]);
  expect(answers.isStale("b1", 1, 1)).toBe(true);
});
