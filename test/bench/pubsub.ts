/**
 * The Pub/Sub emulator's speed and memory, and Google's emulator beside it where it is installed:
 * `node test/bench/pubsub.ts [clients | limits | backlog]`, all three by default. Prints one line a
 * measurement and, last, what was required.
 */
import { printFigures } from "./print-figures.ts";
import { startOurs } from "./pubsub-emulator-process.ts";
import { MODES } from "./pubsub-official-load.ts";
import { compareOfficial } from "./pubsub-official-rounds.ts";
import { RawPubsubClient } from "./pubsub-raw-client.ts";
import { createPair, drain, measureRaw, publishBacklog } from "./pubsub-raw-load.ts";

const RAW_MESSAGES = 1_000_000;
const BACKLOG = { messages: 1_000_000, bytes: 200 } as const;

const [, , part] = process.argv;
const required: Record<string, string> = {};
if (part === undefined || part === "clients") {
  const comparisons = await compareOfficial();
  const ratioOf = (name: string) => (comparisons.get(name)?.consumedRatio ?? Number.NaN).toFixed(1);
  const failedAcks = [...comparisons.values()].reduce((sum, each) => sum + each.failedAcks, 0);
  required["plainRatio"] = `${ratioOf("plain")} (8)`;
  required["bothRatio"] = `${ratioOf("both")} (20)`;
  required["failedAcks"] = `${failedAcks} (0)`;
}
if (part === undefined || part === "limits") {
  required["rawPerCpuSecond"] = `${Math.round(await measureLimits())} (200000)`;
}
if (part === undefined || part === "backlog") {
  const { rssBytes, pauseMs } = await measureBacklog();
  required["backlogBytes"] = `${rssBytes} (1e9)`;
  required["longestPauseMs"] = `${pauseMs} (100)`;
}
printFigures("required", required);
process.exit();

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
    printFigures(`raw client, ${mode.name}`, {
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
  printFigures(`backlog of ${BACKLOG.messages} messages of ${BACKLOG.bytes} B`, {
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

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
