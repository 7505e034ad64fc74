import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { GOOGLE_LIMITS, installedSdk } from "../../emulator/google/google-emulators.ts";
import { messageOf } from "../../emulator/grpc/message-of.ts";
import { descendantsOf } from "../support/kill-workers.ts";
import { runGavel } from "../support/run-gavel.ts";
import { until } from "../support/until.ts";

const TEST_MS = 120_000;
const GOOGLE = { GAVEL_EMULATORS: "google" } as const;

/** Why Google's emulators cannot be started here, or undefined where they can. */
function absence(): string | undefined {
  try {
    installedSdk();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** One that ended and that nobody waited for has no command line. */
function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}

const absent = absence();
if (absent !== undefined) process.stderr.write(`Not tested on Google's emulators. ${absent}\n`);
const testWhereInstalled = absent === undefined ? test : test.skip;

testWhereInstalled(
  "on Google's emulators the same system starts, says what they cannot do, counts events, and ends whole",
  async () => {
    let children: readonly number[] = [];
    const during = { pid: 0, isStopping: false };
    const { code, stdout, stderr } = await runGavel(
      ["start", "--rate", "50", "--warm-up-days", "0"],
      (pid) => {
        during.pid = pid;
      },
      {
        variables: GOOGLE,
        onOutput: (soFar) => {
          const isUp = soFar.includes("Ctrl-C drains") && /counted [1-9]/.test(soFar);
          if (during.isStopping || !isUp) return;
          during.isStopping = true;
          children = [...descendantsOf(during.pid).keys()];
          process.kill(during.pid, "SIGTERM");
        },
      },
    );
    expect(stdout).toMatch(/counted [1-9]/);
    for (const sentence of GOOGLE_LIMITS) expect(stderr).toContain(sentence);
    const [, pubsub = ""] = / (\S+) +PUBSUB_EMULATOR_HOST$/m.exec(stdout) ?? [];
    for (const region of ["US", "EU", "APAC"]) {
      expect(stdout).toMatch(new RegExp(` ${pubsub} +GAVEL_PUBSUB_${region}$`, "m"));
    }
    expect(code).toBe(0);
    expect(children.length).toBeGreaterThan(2);
    await until(() => !children.some(isRunning));
  },
  TEST_MS,
);

test(
  "where Google's emulators are not installed, the start is refused with what to install",
  async () => {
    const variables = { ...GOOGLE, PATH: dirname(process.execPath) };
    const { code, stderr } = await runGavel(["start"], () => undefined, { variables });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      /^gavel start: GAVEL_EMULATORS=google: the Google Cloud SDK \(gcloud\) is not/m,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
  },
  TEST_MS,
);
