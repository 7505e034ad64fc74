import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { execPath } from "node:process";
import { nodeFlags } from "../start/children.ts";
import type { Streams } from "../streams.ts";

const LOADER = join(import.meta.dirname, "load-imports.ts");

/** What `gavel start` runs. Node keeps what it compiles apart by the flags that it runs with. */
const programs = [
  {
    flags: ["--no-warnings"],
    entries: [
      "workers/gavel/start/run-start.ts",
      "workers/gavel/start/run-live.ts",
      "emulator/main.ts",
      "emulator/pubsub/server.ts",
      "emulator/bigquery/main.ts",
      "emulator/spanner/main.ts",
    ],
  },
  {
    flags: nodeFlags,
    entries: [
      "infra/local/main.ts",
      "workers/gavel/start/await-go.ts",
      "workers/gavel/start/warm-up-main.ts",
      ...["window", "ingest", "settlement", "detector", "console"].map(
        (kind) => `workers/${kind}/main.ts`,
      ),
    ],
  },
] as const;

/**
 * `gavel compile-ahead`: has Node compile what a start loads and keep it, so that the first start is as
 * quick as the next. npm runs it after an installation. 1 where something does not load, said on stderr.
 */
export async function runCompileAhead(
  _args: readonly string[],
  { stderr }: Streams,
): Promise<number> {
  const codes = await Promise.all(
    programs.map(async ({ flags, entries }) => {
      const loader = spawn(execPath, [...flags, LOADER, ...entries], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      loader.stderr.on("data", (text) => stderr.write(text));
      const [code] = await once(loader, "close");
      return code === 0 ? 0 : 1;
    }),
  );
  return Math.max(...codes);
}
