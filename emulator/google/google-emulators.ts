/**
 * Google's own emulators of Pub/Sub and Spanner, from the Cloud SDK, as processes beside ours. There
 * is none of BigQuery.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface GoogleEmulators {
  /** `host:port`. */
  readonly pubsub: string;
  readonly spanner: string;
  readonly close: () => void;
}

/** What Google's emulators cannot do that this system uses, a sentence each. */
export const GOOGLE_LIMITS: readonly string[] = [
  "Pub/Sub: filters are ignored, so every region's worker counts the events of all regions, and finds events of other types.",
  "Pub/Sub: protobuf schemas are refused, so the topic checks nothing.",
  "Pub/Sub: a subscription keeps messages for seven days at most.",
  "Pub/Sub: BigQuery subscriptions deliver nothing, so events_raw stays empty.",
  "Pub/Sub: a failed delivery does not bring the rest of its ordering key again, and late acks are accepted.",
  "Pub/Sub: with ordering and exactly-once together the Node client's acks often fail; events come again.",
  "Pub/Sub: one endpoint plays all regions, without faults, cut-offs and backlog figures: no `gavel chaos`, no `gavel start --once`.",
  "Spanner: one read-write transaction at a time, and rows never expire.",
  "BigQuery has no emulator of Google's: ours runs.",
];

/** What the Node client needs against Google's Spanner emulator, which has no multiplexed sessions. */
export const GOOGLE_SPANNER_VARIABLES = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false",
} as const;

const START_MS_MAX = 60_000;

/** Starts both on these ports, or free ones where 0. Throws a sentence on what to install. */
export async function startGoogleEmulators(ports: {
  readonly pubsub: number;
  readonly spanner: number;
}): Promise<GoogleEmulators> {
  const sdk = installedSdk();
  const dataFolder = mkdtempSync(join(tmpdir(), "gavel-google-pubsub-"));
  const pubsub = `127.0.0.1:${ports.pubsub || (await freePort())}`;
  const spanner = `127.0.0.1:${ports.spanner || (await freePort())}`;
  const [host, port] = pubsub.split(":");
  const jarArguments = [`--host=${host}`, `--port=${port}`, `--data-dir=${dataFolder}`];
  const children = [
    spawn("java", ["-jar", sdk.pubsubJar, ...jarArguments], { stdio: ["ignore", "pipe", "pipe"] }),
    spawn(sdk.spanner, [`--host_port=${spanner}`], { stdio: ["ignore", "pipe", "pipe"] }),
  ];
  const close = () => {
    for (const child of children) child.kill();
    rmSync(dataFolder, { recursive: true, force: true });
  };
  process.once("exit", close);
  const [pubsubChild, spannerChild] = children;
  await Promise.all([
    printed(pubsubChild, { what: "Pub/Sub", text: "Server started" }),
    printed(spannerChild, { what: "Spanner", text: spanner }),
  ]);
  return { pubsub, spanner, close };
}

/** Throws a sentence on what to install where a part is missing. */
export function installedSdk(): { pubsubJar: string; spanner: string } {
  const sdkRoot = outputOf("gcloud", ["info", "--format=value(installation.sdk_root)"]);
  if (sdkRoot === undefined) throw notInstalled("the Google Cloud SDK (gcloud)");
  const jarFolder = join(sdkRoot, "platform/pubsub-emulator/lib");
  const jar = namesIn(jarFolder).find((name) => /^cloud-pubsub-emulator-.*\.jar$/.test(name));
  if (jar === undefined) throw notInstalled("Google's Pub/Sub emulator (pubsub-emulator)");
  if (outputOf("java", ["-version"]) === undefined) throw notInstalled("Java 17 or newer");
  const spannerFolder = join(sdkRoot, "bin/cloud_spanner_emulator");
  if (!namesIn(spannerFolder).includes("emulator_main")) {
    throw notInstalled("Google's Spanner emulator (cloud-spanner-emulator)");
  }
  return { pubsubJar: join(jarFolder, jar), spanner: join(spannerFolder, "emulator_main") };
}

function notInstalled(what: string): Error {
  return new Error(
    `GAVEL_EMULATORS=google: ${what} is not installed. Install it, or unset GAVEL_EMULATORS to run on ` +
      "the emulators that Gavel brings.",
  );
}

/** What a program prints, or undefined where it cannot be run. */
function outputOf(program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Resolves once the process has printed the text. */
function printed(
  child: ChildProcess | undefined,
  awaited: { readonly what: string; readonly text: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (why: string) =>
      reject(new Error(`Google's ${awaited.what} emulator ${why}: ${output.slice(-500)}`));
    const timer = setTimeout(() => fail("did not start in time"), START_MS_MAX);
    const look = (chunk: Buffer) => {
      if (output.includes(awaited.text)) return;
      output += chunk.toString("utf8");
      if (!output.includes(awaited.text)) return;
      clearTimeout(timer);
      resolve();
    };
    child?.stdout?.on("data", look);
    child?.stderr?.on("data", look);
    child?.once("error", (error) => fail(error.message));
    child?.once("exit", (code) => fail(`ended with ${code}`));
  });
}

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
