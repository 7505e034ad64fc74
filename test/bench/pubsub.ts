/**
 * The Pub/Sub emulator's speed and memory, and Google's emulator beside it where it is installed:
 * `node test/bench/pubsub.ts`. Prints one line a measurement and, last, what was required.
 */
import { type EmulatorProcess, startGoogles, startOurs } from "./pubsub-emulator-process.ts";
import { MODES, type Mode, measureOfficial, type OfficialResult } from "./pubsub-official-load.ts";
import { RawPubsubClient } from "./pubsub-raw-client.ts";
import { createPair, drain, measureRaw, publishBacklog } from "./pubsub-raw-load.ts";

const OFFICIAL_MESSAGES = 20_000;
/** The client's own code is compiled in this round, so that no emulator is measured with a cold client. */
const WARM_UP: Mode = { name: "warm-up", ordered: true, exactlyOnce: false };
const RAW_MESSAGES = 1_000_000;
const BACKLOG = { messages: 1_000_000, bytes: 200 } as const;

const ratios = await measureClients();
const rawPerCpuSecond = await measureLimits();
const backlog = await measureBacklog();
print("required", {
  plainRatio: `${ratios.plain.toFixed(1)} (8)`,
  bothRatio: `${ratios.both.toFixed(1)} (20)`,
  failedAcks: `${ratios.failedAcks} (0)`,
  rawPerCpuSecond: `${Math.round(rawPerCpuSecond)} (200000)`,
  backlogBytes: `${backlog.rssBytes} (1e9)`,
  longestPauseMs: `${backlog.pauseMs} (100)`,
});
process.exit();

async function measureClients() {
  const ours = await startOurs();
  const googles = await startGoogles();
  const perSecond = new Map<string, number>();
  let failedAcks = 0;
  for (const emulator of [ours, googles]) {
    if (emulator) await measureOfficial(emulator, WARM_UP, OFFICIAL_MESSAGES / 4);
  }
  for (const mode of MODES) {
    const result = await measureOfficial(ours, mode, OFFICIAL_MESSAGES);
    failedAcks += result.failedAcks;
    perSecond.set(`ours ${mode.name}`, result.consumedPerSecond);
    perSecond.set(`ours ${mode.name} CPU`, result.messages / result.cpuSeconds);
    report(ours, mode.name, result);
    if (googles === undefined) continue;
    const theirs = await measureOfficial(googles, mode, OFFICIAL_MESSAGES);
    perSecond.set(`googles ${mode.name}`, theirs.consumedPerSecond);
    perSecond.set(`googles ${mode.name} CPU`, theirs.messages / theirs.cpuSeconds);
    report(googles, mode.name, theirs);
  }
  ours.stop();
  googles?.stop();
  const ratio = (mode: string) =>
    (perSecond.get(`ours ${mode}`) ?? 0) / (perSecond.get(`googles ${mode}`) ?? Number.NaN);
  for (const { name } of MODES) {
    const [wall, cpu] = [ratio(name), ratio(`${name} CPU`)].map((value) => value.toFixed(1));
    print(`ours to Google's, ${name}`, { consumedPerSecond: wall ?? "", perCpuSecond: cpu ?? "" });
  }
  return { plain: ratio("plain"), both: ratio("both"), failedAcks };
}

function report(emulator: EmulatorProcess, mode: string, result: OfficialResult): void {
  print(`official client, ${mode}, ${emulator.name}`, {
    publishedPerSecond: Math.round(result.publishedPerSecond),
    consumedPerSecond: Math.round(result.consumedPerSecond),
    cpuSeconds: result.cpuSeconds.toFixed(2),
    perEmulatorCpuSecond: Math.round(result.messages / result.cpuSeconds),
    messages: result.messages,
    failedAcks: result.failedAcks,
    p50Ms: result.p50Ms.toFixed(1),
    p99Ms: result.p99Ms.toFixed(1),
  });
}

/** Messages per CPU second of the emulator with a raw client; the slowest mode's. */
async function measureLimits(): Promise<number> {
  const ours = await startOurs();
  let slowest = Number.POSITIVE_INFINITY;
  for (const mode of MODES) {
    const { messages, cpuSeconds, drainCpuSeconds, wallSeconds } = await measureRaw(
      ours,
      mode,
      RAW_MESSAGES,
    );
    slowest = Math.min(slowest, messages / cpuSeconds);
    print(`raw client, ${mode.name}`, {
      perCpuSecond: Math.round(messages / cpuSeconds),
      drainedPerCpuSecond: Math.round(messages / drainCpuSeconds),
      perSecond: Math.round(messages / wallSeconds),
    });
  }
  ours.stop();
  return slowest;
}

async function measureBacklog() {
  const ours = await startOurs();
  const mode = { name: "backlog", ordered: true, exactlyOnce: true };
  const { topic, subscription } = await createPair(ours.port, mode, "backlog");
  const client = new RawPubsubClient(ours.port);
  await pause(1500);
  const before = ours.vitals();
  await publishBacklog(client, topic, BACKLOG);
  await pause(1500);
  const full = ours.vitals();
  await drain(client, subscription, BACKLOG.messages);
  await pause(1000);
  const drained = ours.vitals();
  await pause(15_000);
  const after = ours.vitals();
  print(`backlog of ${BACKLOG.messages} messages of ${BACKLOG.bytes} B`, {
    rssBytesBefore: before.rssBytes,
    rssBytesFull: full.rssBytes,
    rssBytesDrained: drained.rssBytes,
    rssBytesAfter: after.rssBytes,
    longestPauseMs: drained.pauseMs,
    longestPauseWithIdleMs: after.pauseMs,
  });
  client.close();
  ours.stop();
  return { rssBytes: Math.max(full.rssBytes, drained.rssBytes), pauseMs: drained.pauseMs };
}

function print(what: string, figures: Readonly<Record<string, string | number>>): void {
  const parts = Object.entries(figures).map(([name, value]) => `${name}=${value}`);
  process.stdout.write(`${what}: ${parts.join(" ")}\n`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
