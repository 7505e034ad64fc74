import { type PubsubEmulator, startPubsubEmulator } from "../../../emulator/pubsub/server.ts";
import { ackAll, BOTH } from "./exactly-once-cases.ts";
import { PubsubWorld, pause, refusalOf } from "./pubsub-world.ts";

/** Far more than any needs; the machine may be busy. */
const TEST_MS_MAX = 30_000;
let emulator: PubsubEmulator;
let world: PubsubWorld;

beforeAll(async () => {
  emulator = await startPubsubEmulator();
  world = new PubsubWorld(emulator.ports.default);
});

afterAll(async () => {
  await world.close();
  emulator.close();
});

test("where ack batches fill up and overtake each other, with ordering and exactly-once, every ack succeeds", async () => {
  await ackAll(world, 10_000);
}, 60_000);

test("where the client may hold 1,000 messages and its keys have as many each, no ack waits for one that cannot come", async () => {
  const keyOf = (index: number) => `k${Math.floor(index / 1000)}`;
  await ackAll(world, 20_000, { keyOf, maxMessages: 1000 });
}, 60_000);

test(
  "an ack that overtook an earlier one of its key waits for it, and both succeed",
  async () => {
    const topic = await world.topic();
    const subscription = await world.subscription(topic, BOTH);
    await world.publish(topic, ["a", "b", "c"], { orderingKey: "k" });
    const [first, second, third] = await world.pull(subscription, 3);
    if (!(first && second && third)) throw new Error("three messages were published");
    const last = world.ack(subscription, third);
    const early = world.ack(subscription, second);
    await pause(300);
    await world.ack(subscription, first);
    await Promise.all([early, last]);
    expect(await world.pull(subscription, 1)).toEqual([]);
  },
  TEST_MS_MAX,
);

test("an ack that waits for one that never comes outlives its subscription, and is answered", async () => {
  const topic = await world.topic();
  const subscription = await world.subscription(topic, BOTH);
  await world.publish(topic, ["a", "b"], { orderingKey: "k" });
  const [, second] = await world.pull(subscription, 2);
  if (second === undefined) throw new Error("two messages were published");
  const refusal = refusalOf(world.ack(subscription, second));
  await pause(100);
  await world.subscriber.deleteSubscription({ subscription });
  const reasons = Object.values(Object((await refusal)?.errorInfoMetadata));
  expect(reasons).toEqual(["TRANSIENT_FAILURE_UNORDERED_ACK_ID"]);
}, 10_000);
