import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import type { ConformanceCase } from "./conformance-case.ts";
import { type PubsubWorld, pause, refusalOf, until } from "./pubsub-world.ts";

const EXACTLY_ONCE = { enableExactlyOnceDelivery: true, ackDeadlineSeconds: 10 } as const;
export const BOTH = { ...EXACTLY_ONCE, enableMessageOrdering: true } as const;

/** What exactly-once delivery promises, and what its absence does not. */
export const EXACTLY_ONCE_CASES: readonly ConformanceCase[] = [
  {
    name: "late ack, exactly-once",
    promise: "an ack after the deadline is refused, ErrorInfo PERMANENT_FAILURE_INVALID_ACK_ID",
    source: "exactly-once-delivery",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, EXACTLY_ONCE);
      await world.publish(topic, ["m"]);
      const [received] = await world.pull(subscription, 1);
      assert.ok(received);
      await pause(11_000);
      const refusal = await refusalOf(world.ack(subscription, received));
      assert.equal(refusal?.code, status.INVALID_ARGUMENT);
      assert.deepEqual(refusal?.errorInfoMetadata, {
        [received.ackId]: "PERMANENT_FAILURE_INVALID_ACK_ID",
      });
      assert.equal((await world.pull(subscription, 1)).length, 1);
    },
  },
  {
    name: "late ack, at least once",
    promise: "without exactly-once a late ack is OK, and the message may come again",
    source: "proto: AcknowledgeRequest",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, { ackDeadlineSeconds: 10 });
      await world.publish(topic, ["m"]);
      const received = await world.pull(subscription, 1);
      await pause(11_000);
      assert.equal(await refusalOf(world.ack(subscription, ...received)), undefined);
    },
  },
  {
    name: "newest ack id only",
    promise: "after a redelivery only the newest ack id acks; older ones are refused",
    source: "exactly-once-delivery",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, EXACTLY_ONCE);
      await world.publish(topic, ["m"]);
      const [old] = await world.pull(subscription, 1);
      assert.ok(old);
      await world.nack(subscription, old);
      const [newest] = await world.pull(subscription, 1);
      assert.ok(newest);
      assert.equal((await refusalOf(world.ack(subscription, old)))?.code, status.INVALID_ARGUMENT);
      assert.equal(await refusalOf(world.ack(subscription, newest)), undefined);
    },
  },
  {
    name: "no redelivery while leased",
    promise: "an outstanding message is delivered to nobody else",
    source: "exactly-once-delivery",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, EXACTLY_ONCE);
      await world.publish(topic, ["m"]);
      await world.pull(subscription, 1);
      const stream = world.stream(subscription);
      await pause(1000);
      assert.equal(stream.received.length, 0);
    },
  },
  {
    name: "ack twice",
    promise: "acking the same id again is no error",
    source: "proto: AcknowledgeRequest",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, EXACTLY_ONCE);
      await world.publish(topic, ["m"]);
      const received = await world.pull(subscription, 1);
      await world.ack(subscription, ...received);
      assert.equal(await refusalOf(world.ack(subscription, ...received)), undefined);
    },
  },
  {
    name: "partly failed ack",
    promise: "good ids of a partly refused request are acked, and only the bad ones named",
    source: "exactly-once-delivery",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, EXACTLY_ONCE);
      await world.publish(topic, ["a", "b"]);
      const [stale, good] = await world.pull(subscription, 2);
      assert.ok(stale && good);
      await world.nack(subscription, stale);
      const refusal = await refusalOf(world.ack(subscription, stale, good));
      assert.deepEqual(Object.keys(Object(refusal?.errorInfoMetadata)), [stale.ackId]);
      const left = await world.pull(subscription, 2);
      assert.deepEqual(
        left.map(({ text }) => text),
        [stale.text],
      );
    },
  },
  {
    name: "acks in order",
    promise: "with ordering too, an ack before an earlier one of its key fails for the time being",
    source: "exactly-once-delivery",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, BOTH);
      await world.publish(topic, ["a", "b"], { orderingKey: "k" });
      const [first, second] = await world.pull(subscription, 2);
      assert.ok(first && second);
      const refusal = await refusalOf(world.ack(subscription, second));
      const [reason] = Object.values(Object(refusal?.errorInfoMetadata));
      assert.match(String(reason), /^TRANSIENT_FAILURE_/);
      await world.ack(subscription, first);
      assert.equal(await refusalOf(world.ack(subscription, second)), undefined);
    },
  },
  {
    name: "ordered tail, exactly-once",
    promise: "a nack redelivers it and what is behind it, but never what is acked",
    source: "exactly-once-delivery",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, BOTH);
      await world.publish(topic, ["a", "b", "c"], { orderingKey: "k" });
      const [first, second] = await world.pull(subscription, 3);
      assert.ok(first && second);
      await world.ack(subscription, first);
      await world.nack(subscription, second);
      const again = await world.pull(subscription, 3);
      assert.deepEqual(
        again.map(({ text }) => text),
        ["b", "c"],
      );
    },
  },
  {
    name: "stream confirmations",
    promise: "acks on the stream are confirmed there, refused ones as invalid_ack_ids",
    source: "proto: StreamingPullResponse.AcknowledgeConfirmation",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, EXACTLY_ONCE);
      const stream = world.stream(subscription);
      await world.publish(topic, ["a", "b"]);
      await until(() => stream.received.length === 2);
      const [stale, good] = stream.received;
      assert.ok(stale && good);
      await world.nack(subscription, stale);
      stream.write({ ackIds: [stale.ackId, good.ackId] });
      const confirmations = () =>
        stream.frames.flatMap(({ acknowledgeConfirmation: confirmation }) =>
          confirmation ? [confirmation] : [],
        );
      await until(() => confirmations().length > 0);
      assert.deepEqual(
        confirmations().flatMap(({ ackIds }) => ackIds),
        [good.ackId],
      );
      assert.deepEqual(
        confirmations().flatMap(({ invalidAckIds }) => invalidAckIds),
        [stale.ackId],
      );
    },
  },
  {
    name: "malformed ack id",
    promise: "an ack id that never was one is INVALID_ARGUMENT, without exactly-once too",
    source: "proto: StreamingPullRequest",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic);
      const call = world.subscriber.acknowledge({ subscription, ackIds: ["nonsense"] });
      assert.equal((await refusalOf(call))?.code, status.INVALID_ARGUMENT);
    },
  },
  {
    name: "official client, both",
    promise: "every ack of the official client succeeds and nothing comes twice",
    source: "exactly-once-delivery",
    run: async (world) => await ackAll(world, 500),
  },
];

const MANY_AT_ONCE = {
  keyOf: (index: number): string => `k${index % 100}`,
  maxMessages: 10_000,
} as const;

/** Publishes so many messages and acks each as it comes: every ack succeeds, once. */
export async function ackAll(
  world: PubsubWorld,
  count: number,
  { keyOf, maxMessages }: { keyOf: (index: number) => string; maxMessages: number } = MANY_AT_ONCE,
): Promise<void> {
  const pubsub = world.pubsub();
  const topicName = await world.topic();
  const fields = { ...BOTH, ackDeadlineSeconds: 60 };
  const subscriptionName = await world.subscription(topicName, fields);
  const topic = pubsub.topic(topicName, { messageOrdering: true });
  const subscription = pubsub.subscription(subscriptionName, {
    flowControl: { maxMessages, allowExcessMessages: false },
    batching: { maxMilliseconds: 5 },
  });
  const failures: unknown[] = [];
  const texts: string[] = [];
  let acked = 0;
  subscription.on("error", (error) => failures.push(error));
  const published = Array.from({ length: count }, (_, index) =>
    topic.publishMessage({ data: Buffer.from(`m${index}`), orderingKey: keyOf(index) }),
  );
  await Promise.all(published);
  subscription.on("message", (message) => {
    texts.push(message.data.toString());
    message.ackWithResponse().then(
      () => acked++,
      (error: unknown) => failures.push(error),
    );
  });
  await until(() => acked + failures.length >= count, 30_000);
  await subscription.close();
  await pubsub.close();
  assert.deepEqual(failures, []);
  assert.equal(new Set(texts).size, count);
  assert.equal(texts.length, count);
}
