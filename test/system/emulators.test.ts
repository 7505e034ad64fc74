import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pid as ownPid } from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { localPorts } from "../../shared/names.ts";
import { envFileText } from "../../workers/gavel/emulators/env-file.ts";
import { runGavel } from "../support/run-gavel.ts";

const run = promisify(execFile);
const TEST_MS = 120_000;

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gavel-emulators-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Holds a port; false where somebody else holds it already. */
function hold(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
}

async function untilWritten(file: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (existsSync(file) && readFileSync(file, "utf8").endsWith("\n")) return;
    await delay(50);
  }
}

test(
  "gavel emulators writes addresses that a shell can source, and says who holds a port it wanted",
  async () => {
    const squatter = createServer();
    const isOurs = await hold(squatter, localPorts.spanner);
    const file = join(folder, "emulators.env");
    let sourced: Promise<string> = Promise.resolve("");
    const result = await runGavel(["emulators", "--env", file], (pid, signal) => {
      sourced = untilWritten(file, signal)
        .then(() => run("sh", ["-c", '. "$0" && echo $SPANNER_EMULATOR_HOST $GAVEL_CONTROL', file]))
        .then(async ({ stdout }) => {
          const [spanner = "", control = ""] = stdout.trim().split(" ");
          const services: unknown = await (await fetch(control)).json();
          expect(services).toMatchObject([
            { name: "bigquery" },
            { name: "pubsub" },
            { name: "spanner" },
          ]);
          return spanner;
        })
        .finally(() => process.kill(pid, "SIGTERM"));
    });
    const spanner = await sourced;
    squatter.close();
    expect(result.code).toBe(0);
    expect(result.stdout).toContain(spanner);
    expect(spanner).not.toBe(`127.0.0.1:${localPorts.spanner}`);
    const holder = isOurs ? `.* \\(pid ${ownPid}\\)` : ".*";
    expect(result.stderr).toMatch(
      new RegExp(
        `^port ${localPorts.spanner} \\(spanner\\) is taken by ${holder}: ${spanner.split(":")[1]} is used$`,
        "m",
      ),
    );
    expect(existsSync(file)).toBe(false);
  },
  TEST_MS,
);

test("a value that a shell would read otherwise is quoted in the env file", () => {
  expect(envFileText("p", { A: "127.0.0.1:1", B: "a b'c$d" })).toBe(
    "export GOOGLE_CLOUD_PROJECT=p\nexport METADATA_SERVER_DETECTION=none\nexport A=127.0.0.1:1\nexport B='a b'\\''c$d'\n",
  );
});
