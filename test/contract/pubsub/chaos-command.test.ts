import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChaos } from "../../../workers/gavel/chaos/run-chaos.ts";
import { EmulatorWorld } from "./emulator-world.ts";
import { refusalOf } from "./pubsub-world.ts";

/** Far more than any needs; the machine may be busy. */
const TEST_MS_MAX = 30_000;
let emulator: EmulatorWorld;
const folder = mkdtempSync(join(tmpdir(), "gavel-chaos-test-"));

beforeAll(async () => {
  emulator = await EmulatorWorld.start();
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await emulator.close();
});

/** Runs `gavel chaos …` and returns what it prints. */
async function chaos(...args: string[]): Promise<string> {
  let printed = "";
  const stdout = { write: (text: string) => (printed += text) };
  const control = emulator.controlAddress;
  expect(await runChaos(args, { stdout, stderr: { write: () => true } }, { control })).toBe(0);
  return printed;
}

function script(content: unknown): string {
  const file = join(folder, `script-${Math.floor(performance.now() * 1000)}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

test(
  "chaos cut and heal turn a region's endpoint off and on",
  async () => {
    const { eu } = emulator.regions;
    const list = () =>
      refusalOf(eu.publisher.listTopics({ project: eu.project }, { retry: null, timeout: 5000 }));
    await chaos("cut", "eu");
    expect((await list())?.code).toBe(14);
    await chaos("heal", "eu");
    expect(await list()).toBeUndefined();
  },
  TEST_MS_MAX,
);

test(
  "chaos add puts a rule in force, chaos shows it and what it struck, chaos clear ends it",
  async () => {
    const { us } = emulator.regions;
    const topic = await us.topic();
    await chaos("add", "pubsub", "duplicateNewId", "--target", topic, "--limit", "1");
    const subscription = await us.subscription(topic);
    await us.publish(topic, ["m"]);
    expect((await us.pull(subscription, 2)).map(({ text }) => text)).toEqual(["m", "m"]);
    const shown = await chaos();
    expect(shown).toContain('"kind": "duplicateNewId"');
    expect(shown).toContain(`"duplicateNewId ${topic}": 1`);
    await chaos("clear");
    expect(await emulator.control("GET", "faults")).toEqual([]);
  },
  TEST_MS_MAX,
);

test(
  "a seeded script strikes the same calls each time it runs",
  async () => {
    const { us } = emulator.regions;
    const topic = await us.topic();
    const subscription = await us.subscription(topic);
    const fault = { kind: "duplicateNewId", target: topic, probability: 0.5 };
    const file = script({ seed: 11, steps: [{ atMs: 0, service: "pubsub", fault }] });
    const struckBy = async () => {
      await chaos("run", file);
      const struck: number[] = [];
      for (let call = 0; call < 12; call++) {
        await us.publish(topic, ["m"]);
        const received = await us.pull(subscription, 1);
        const rest = await us.subscriber.pull({
          subscription,
          maxMessages: 9,
          returnImmediately: true,
        });
        if ((rest[0].receivedMessages?.length ?? 0) + received.length > 1) struck.push(call);
      }
      await chaos("clear", "pubsub");
      return struck;
    };
    const first = await struckBy();
    expect(first.length).toBeGreaterThan(0);
    expect(first.length).toBeLessThan(12);
    expect(await struckBy()).toEqual(first);
  },
  TEST_MS_MAX,
);

test(
  "a script's steps come in the order of their times",
  async () => {
    const steps = [
      { atMs: 60, heal: "apac" },
      { atMs: 0, cut: "apac" },
      { atMs: 100, service: "pubsub", clear: true },
    ];
    await chaos("run", script({ seed: 1, steps }));
    expect(await emulator.control("GET", "regions")).toMatchObject({ cutOff: [] });
  },
  TEST_MS_MAX,
);

test.each([
  ["no JSON", "{", /a script is/],
  ["no seed", { steps: [] }, /"seed"/],
  ["a step without time", { seed: 1, steps: [{ cut: "eu" }] }, /step 1: "atMs"/],
  ["a step of two actions", { seed: 1, steps: [{ atMs: 0, cut: "eu", heal: "eu" }] }, /step 1/],
  ["an unknown region", { seed: 1, steps: [{ atMs: 0, cut: "mars" }] }, /us, eu, apac/],
])(
  "a script with %s is refused, and where",
  async (_, content, message) => {
    await expect(chaos("run", script(content))).rejects.toThrow(message);
  },
  TEST_MS_MAX,
);

test.each([
  [["add", "pubsub", "earthquake"], /one of publishErrorBefore/],
  [["add", "pubsub", "delay", "--delay-ms", "soon"], /--delay-ms "soon"/],
  [["add", "kafka", "delay"], /no service kafka: pubsub/],
  [["cut"], /usage/],
  [["cut", "eu", "us"], /usage/],
])(
  "chaos %j is refused with what to write",
  async (args, message) => {
    await expect(chaos(...args)).rejects.toThrow(message);
  },
  TEST_MS_MAX,
);

test(
  "without a control address chaos says how to get one",
  async () => {
    const silent = { write: () => true };
    const run = runChaos([], { stdout: silent, stderr: silent }, { control: undefined });
    await expect(run).rejects.toThrow(/gavel start/);
  },
  TEST_MS_MAX,
);
