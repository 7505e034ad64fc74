/**
 * Prints the conformance table: each promise of the real service, where it is documented, and
 * whether Google's emulator (where installed) and ours keep it. `node conformance-table.ts`.
 */
import { startGoogles, startOurs } from "../../bench/pubsub-emulator-process.ts";
import { DELIVERY_CASES } from "./delivery-cases.ts";
import { EXACTLY_ONCE_CASES } from "./exactly-once-cases.ts";
import { PubsubWorld } from "./pubsub-world.ts";
import { RESOURCE_CASES } from "./resource-cases.ts";

const CASES = [...DELIVERY_CASES, ...EXACTLY_ONCE_CASES, ...RESOURCE_CASES];
/** A case that waits longer has hung; the longest needs 25 s. */
const CASE_MS_MAX = 45_000;

process.on("uncaughtException", (error) => process.stderr.write(`stray error: ${error.message}\n`));

const ours = await startOurs();
const googles = await startGoogles();
const [ourOutcomes, googleOutcomes] = await Promise.all([
  outcomesOf(ours.port),
  googles && outcomesOf(googles.port),
]);
for (const [index, { name, promise, source }] of CASES.entries()) {
  const google = googleOutcomes?.[index] ?? "not installed";
  const cells = [name, `${promise} (${source})`, google, ourOutcomes[index] ?? ""];
  if (index === 0) print(["case", "the real service (source)", "Google's emulator", "ours"]);
  if (index === 0) print(["---", "---", "---", "---"]);
  print(cells);
}
ours.stop();
googles?.stop();
process.exitCode = ourOutcomes.every((outcome) => outcome === "yes") ? 0 : 1;
setTimeout(() => process.exit(), 100);

function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
}

/** `yes`, or `no:` and the first line of why not, case by case. */
async function outcomesOf(port: number): Promise<string[]> {
  const world = new PubsubWorld(port);
  return await Promise.all(
    CASES.map(async ({ run }) => {
      try {
        await Promise.race([run(world), expiry()]);
        return "yes";
      } catch (error) {
        return `no: ${firstLine(error)}`;
      }
    }),
  );
}

function expiry(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("no answer")), CASE_MS_MAX).unref();
  });
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split("\n")[0] ?? "").slice(0, 80).replaceAll("|", "/");
}
