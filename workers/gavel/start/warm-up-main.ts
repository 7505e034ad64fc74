/** A process that warms the detector's baselines for live traffic, beside the system that starts. */
import { writeFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { env, exit, stderr, stdout } from "node:process";
import { messageOf } from "../../../shared/core/errors.ts";
import { Env } from "../../../shared/io/env.ts";
import { readAddresses } from "../addresses.ts";
import { warmUpLive } from "./warm-up-live.ts";

/** Traffic and its counts go first. */
const NICE = 19;

// Whoever started it is gone, and the emulators with them.
process.on("disconnect", () => exit(1));
// A library that listens for SIGTERM would keep it from ending this process, which has nothing to drain.
process.on("SIGTERM", () => exit(1));
try {
  setPriority(NICE);
  // Where Linux weighs sessions first, a process's own priority counts within its session alone.
  await writeFile("/proc/self/autogroup", String(NICE)).catch(() => undefined);
  const values = new Env(env);
  const days = values.integer("GAVEL_WARM_UP_DAYS", { min: 0, max: 28 });
  const eventsPerSecond = values.integer("GAVEL_WARM_UP_RATE", { min: 1, max: 100_000 });
  values.check();
  stdout.write(await warmUpLive(readAddresses(), { days, eventsPerSecond }));
  exit(0);
} catch (error) {
  stderr.write(`warm-up: ${messageOf(error)}\n`);
  exit(1);
}
