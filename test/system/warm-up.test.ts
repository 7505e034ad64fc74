import { fork } from "node:child_process";
import { once } from "node:events";
import { env } from "node:process";
import { systemClock } from "../../shared/io/clock.ts";

/** It loads for about a second, and computes for twenty or more. */
const COMPUTES_AFTER_MS = 5000;
const ENDS_WITHIN_MS = 3000;

test.each([
  ["SIGTERM", "kill"],
  ["the end of who started it", "disconnect"],
] as const)("a warm-up ends at %s though it computes", async (_, end) => {
  const child = fork("workers/gavel/start/warm-up-main.ts", {
    env: { ...env, GAVEL_WARM_UP_DAYS: "28", GAVEL_WARM_UP_RATE: "5000" },
  });
  const exited = once(child, "exit");
  await systemClock.sleep(COMPUTES_AFTER_MS);
  expect(child.exitCode).toBeNull();
  const askedMs = Date.now();
  child[end]();
  const [code] = await exited;
  expect(Date.now() - askedMs).toBeLessThan(ENDS_WITHIN_MS);
  expect(code).toBe(1);
});
