import { status } from "@grpc/grpc-js";
import { EmulatorWorld } from "./emulator-world.ts";
import { pause, refusalOf, until } from "./pubsub-world.ts";

/** Far more than any needs; the machine may be busy. */
const TEST_MS_MAX = 30_000;
let emulator: EmulatorWorld;

beforeAll(async () => {
  emulator = await EmulatorWorld.start();
});

afterEach(async () => {
  await emulator.control("POST", "regions/eu/heal");
});

afterAll(async () => {
  await emulator.close();
});

const NO_RETRY = { timeout: 5000, retry: null };

test(
  "a cut-off region refuses every call and breaks its streams, UNAVAILABLE; others go on",
  async () => {
    const { us, eu } = emulator.regions;
    const topic = await us.topic();
    const subscription = await us.subscription(topic);
    const european = eu.stream(subscription);
    await until(() => european.frames.length > 0);
    const waiting = refusalOf(eu.subscriber.pull({ subscription, maxMessages: 1 }, NO_RETRY));
    await pause(200);
    await emulator.control("POST", "regions/eu/cut");
    await until(() => european.hasEnded);
    expect(european.error?.code).toBe(status.UNAVAILABLE);
    expect((await waiting)?.code).toBe(status.UNAVAILABLE);
    const messages = [{ data: Buffer.from("m") }];
    const published = refusalOf(eu.publisher.publish({ topic, messages }, NO_RETRY));
    expect((await published)?.code).toBe(status.UNAVAILABLE);
    const pulled = eu.subscriber.pull({ subscription, maxMessages: 1 }, NO_RETRY);
    expect((await refusalOf(pulled))?.code).toBe(status.UNAVAILABLE);
    await us.publish(topic, ["here"]);
    expect((await us.pull(subscription, 1)).map(({ text }) => text)).toEqual(["here"]);
    expect(await emulator.countOf("cutOff", "eu")).toBeGreaterThanOrEqual(4);
  },
  TEST_MS_MAX,
);

test(
  "what a region stored before it was cut off is delivered to nobody until it is healed, in order then",
  async () => {
    const { us, eu } = emulator.regions;
    const topic = await us.topic();
    const both = { enableMessageOrdering: true, enableExactlyOnceDelivery: true };
    const subscription = await us.subscription(topic, both);
    const texts = ["a", "b", "c", "d"];
    await eu.publish(topic, texts, { orderingKey: "eu/1" });
    await emulator.control("POST", "regions/eu/cut");
    expect(await us.pull(subscription, 4)).toEqual([]);
    await emulator.control("POST", "regions/eu/heal");
    const received = await us.pull(subscription, 4);
    expect(received.map(({ text }) => text)).toEqual(texts);
    await us.ack(subscription, ...received);
  },
  TEST_MS_MAX,
);

test("the official client gets every message acked, once, over a cut of its region", async () => {
  const { us, eu } = emulator.regions;
  const topicName = await us.topic();
  const both = { enableMessageOrdering: true, enableExactlyOnceDelivery: true };
  const subscriptionName = await us.subscription(topicName, { ...both, ackDeadlineSeconds: 60 });
  const pubsub = eu.pubsub();
  const topic = pubsub.topic(topicName, { messageOrdering: true });
  const subscription = pubsub.subscription(subscriptionName, { batching: { maxMilliseconds: 5 } });
  const acked: string[] = [];
  subscription.on("message", (message) => {
    message.ackWithResponse().then(
      () => acked.push(message.data.toString()),
      () => undefined,
    );
  });
  subscription.on("error", () => undefined);
  const texts = Array.from({ length: 60 }, (_, index) => `m${index}`);
  const publish = async (part: readonly string[]) =>
    await Promise.all(
      part.map((text) => topic.publishMessage({ data: Buffer.from(text), orderingKey: "eu/1" })),
    );
  await publish(texts.slice(0, 20));
  await emulator.control("POST", "regions/eu/cut");
  const during = publish(texts.slice(20, 40));
  await pause(1000);
  await emulator.control("POST", "regions/eu/heal");
  await during;
  await publish(texts.slice(40));
  await until(() => acked.length >= 60, 30_000);
  await subscription.close();
  await pubsub.close();
  expect(acked.sort()).toEqual(texts.sort());
}, 40_000);

test(
  "the backlog of a cut-off region is still shown",
  async () => {
    const { us, eu } = emulator.regions;
    const topic = await us.topic();
    const subscription = await us.subscription(topic);
    await eu.publish(topic, ["m"]);
    await emulator.control("POST", "regions/eu/cut");
    const figures = await emulator.control("GET", "backlog");
    expect(figures).toContainEqual(
      expect.objectContaining({ subscription, region: "eu", undeliveredMessages: 1 }),
    );
    expect(await emulator.control("GET", "regions")).toMatchObject({ cutOff: ["eu"] });
  },
  TEST_MS_MAX,
);

test(
  "an unknown region or verb is refused with what there is",
  async () => {
    await expect(emulator.control("POST", "regions/mars/cut")).rejects.toThrow(/us, eu, apac/);
    await expect(emulator.control("POST", "regions/eu/sink")).rejects.toThrow(/no call POST/);
  },
  TEST_MS_MAX,
);
