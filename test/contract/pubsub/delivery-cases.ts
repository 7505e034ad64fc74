import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import type { ConformanceCase } from "./conformance-case.ts";
import { pause, refusalOf, until } from "./pubsub-world.ts";

const ORDERED = { enableMessageOrdering: true } as const;

/** Filters, flow control, leases, order, and retries. */
export const DELIVERY_CASES: readonly ConformanceCase[] = [
  {
    name: "filter",
    promise: "only messages whose attributes match are delivered",
    source: "subscription-message-filter",
    run: async (world) => {
      const topic = await world.topic();
      const filter =
        'attributes.region = "us" AND (hasPrefix(attributes.type, "bi") OR attributes:all)';
      const subscription = await world.subscription(topic, { filter });
      for (const attributes of [
        { region: "us", type: "bid" },
        { region: "us", type: "win" },
        { region: "eu", type: "bid" },
        { region: "us", all: "" },
      ]) {
        await world.publish(topic, [Object.values(attributes).join()], { attributes });
      }
      const texts = (await world.pull(subscription, 4)).map(({ text }) => text);
      assert.deepEqual(texts.sort(), ["us,", "us,bid"]);
    },
  },
  {
    name: "filter syntax",
    promise: "a filter that mixes AND and OR without parentheses is INVALID_ARGUMENT",
    source: "subscription-message-filter",
    run: async (world) => {
      const topic = await world.topic();
      const filter = "attributes:a AND attributes:b OR attributes:c";
      const refusal = await refusalOf(world.subscription(topic, { filter }));
      assert.equal(refusal?.code, status.INVALID_ARGUMENT);
    },
  },
  {
    name: "order",
    promise: "messages of one key arrive in the order of publishing",
    source: "ordering",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, ORDERED);
      const stream = world.stream(subscription);
      for (let index = 0; index < 50; index++) {
        await world.publish(topic, [String(index)], { orderingKey: `k${index % 2}` });
      }
      await until(() => stream.received.length === 50);
      for (const key of ["k0", "k1"]) {
        const numbers = stream.received
          .filter(({ orderingKey }) => orderingKey === key)
          .map(({ text }) => Number(text));
        assert.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
        );
      }
    },
  },
  {
    name: "ordered tail",
    promise: "a nack of a message redelivers it and all behind it on its key, acked ones too",
    source: "ordering",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, ORDERED);
      await world.publish(topic, ["a", "b", "c"], { orderingKey: "k" });
      const [first, second, third] = await world.pull(subscription, 3);
      assert.ok(first && second && third);
      await world.ack(subscription, first, third);
      await world.nack(subscription, second);
      const again = await world.pull(subscription, 2);
      assert.deepEqual(
        again.map(({ text }) => text),
        ["b", "c"],
      );
    },
  },
  {
    name: "key affinity",
    promise: "while its stream is open, a key's messages go to one stream",
    source: "ordering",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, ORDERED);
      const streams = [world.stream(subscription), world.stream(subscription)];
      await pause(200);
      for (let round = 0; round < 5; round++) {
        await world.publish(topic, ["m"], { orderingKey: "k" });
        await pause(20);
        for (const stream of streams) {
          stream.write({ ackIds: stream.received.map(({ ackId }) => ackId) });
        }
      }
      await until(() => streams.reduce((sum, { received }) => sum + received.length, 0) === 5);
      assert.equal(streams.filter(({ received }) => received.length > 0).length, 1);
    },
  },
  {
    name: "key hand-over",
    promise: "when a stream closes, its keys pass to another, in order, once settled or expired",
    source: "ordering",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, ORDERED);
      const first = world.stream(subscription);
      await world.publish(topic, ["a", "b"], { orderingKey: "k" });
      await until(() => first.received.length === 2);
      await world.ack(subscription, ...first.received.slice(0, 1));
      first.close();
      const second = world.stream(subscription);
      await world.publish(topic, ["c"], { orderingKey: "k" });
      await until(() => second.received.length >= 2, 15_000);
      assert.deepEqual(
        second.received.map(({ text }) => text),
        ["b", "c"],
      );
    },
  },
  {
    name: "lease expiry",
    promise: "a message not acked by its deadline is delivered again",
    source: "lease-management",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, { ackDeadlineSeconds: 10 });
      await world.publish(topic, ["m"]);
      assert.equal((await world.pull(subscription, 1)).length, 1);
      await pause(8000);
      assert.equal((await world.pull(subscription, 1)).length, 0);
      await pause(2500);
      assert.equal((await world.pull(subscription, 1)).length, 1);
    },
  },
  {
    name: "modack extends",
    promise: "ModifyAckDeadline moves the deadline from the time of the call",
    source: "proto: ModifyAckDeadlineRequest",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, { ackDeadlineSeconds: 10 });
      await world.publish(topic, ["m"]);
      const ackIds = (await world.pull(subscription, 1)).map(({ ackId }) => ackId);
      await world.subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 60 });
      await pause(11_500);
      assert.equal((await world.pull(subscription, 1)).length, 0);
    },
  },
  {
    name: "deadline range",
    promise: "a deadline beyond 600 s is INVALID_ARGUMENT",
    source: "proto: ModifyAckDeadlineRequest",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic);
      await world.publish(topic, ["m"]);
      const ackIds = (await world.pull(subscription, 1)).map(({ ackId }) => ackId);
      const request = { subscription, ackIds, ackDeadlineSeconds: 601 };
      const refusal = await refusalOf(world.subscriber.modifyAckDeadline(request));
      assert.equal(refusal?.code, status.INVALID_ARGUMENT);
    },
  },
  {
    name: "flow control",
    promise: "no more than max_outstanding_messages are sent until some are acked",
    source: "proto: StreamingPullRequest",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic);
      await world.publish(topic, ["a", "b", "c", "d", "e"]);
      const stream = world.stream(subscription, { maxOutstandingMessages: 2 });
      await until(() => stream.received.length === 2);
      await pause(300);
      assert.equal(stream.received.length, 2);
      stream.write({ ackIds: stream.received.map(({ ackId }) => ackId) });
      await until(() => stream.received.length === 4);
    },
  },
  {
    name: "flow control by bytes",
    promise: "sending stops at max_outstanding_bytes",
    source: "proto: StreamingPullRequest",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic);
      const text = "x".repeat(1000);
      for (let index = 0; index < 5; index++) await world.publish(topic, [text]);
      const stream = world.stream(subscription, { maxOutstandingBytes: 2500 });
      await until(() => stream.received.length > 0);
      await pause(300);
      assert.ok(stream.received.length <= 3, `${stream.received.length} were sent`);
    },
  },
  {
    name: "stream properties",
    promise: "a stream tells the subscription's properties",
    source: "proto: StreamingPullResponse",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, {
        ...ORDERED,
        enableExactlyOnceDelivery: true,
      });
      const stream = world.stream(subscription);
      await world.publish(topic, ["m"], { orderingKey: "k" });
      await until(() => stream.received.length === 1);
      const properties = stream.frames.find((frame) => frame.subscriptionProperties);
      assert.deepEqual(
        { ...properties?.subscriptionProperties },
        {
          exactlyOnceDeliveryEnabled: true,
          messageOrderingEnabled: true,
        },
      );
    },
  },
  {
    name: "keepalive",
    promise: "an empty request on a stream with protocol_version 1 is answered",
    source: "client: message-stream.js",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic);
      const stream = world.stream(subscription, { protocolVersion: 1 });
      await pause(300);
      const before = stream.frames.length;
      stream.write({});
      await until(() => stream.frames.length > before, 2000);
    },
  },
  {
    name: "second request",
    promise: "a later request of a stream that names the subscription ends it, INVALID_ARGUMENT",
    source: "proto: StreamingPullRequest",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic);
      const stream = world.stream(subscription);
      await pause(100);
      stream.write({ subscription });
      await until(() => stream.error !== undefined);
      assert.equal(stream.error?.code, status.INVALID_ARGUMENT);
    },
  },
  {
    name: "dead letter",
    promise:
      "after max_delivery_attempts a message goes to the dead-letter topic, attributes added",
    source: "dead-letter-topics",
    run: async (world) => {
      const topic = await world.topic();
      const deadLetterTopic = await world.topic();
      const letters = await world.subscription(deadLetterTopic);
      const subscription = await world.subscription(topic, {
        deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: 5 },
        retryPolicy: { minimumBackoff: { seconds: 0 }, maximumBackoff: { seconds: 0 } },
      });
      await world.publish(topic, ["poison"], { attributes: { kept: "yes" } });
      const attempts: number[] = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const [received] = await world.pull(subscription, 1);
        assert.ok(received);
        attempts.push(received.deliveryAttempt);
        await world.nack(subscription, received);
      }
      assert.deepEqual(attempts, [1, 2, 3, 4, 5]);
      const [letter] = await world.pull(letters, 1);
      assert.equal(letter?.text, "poison");
      const { kept, CloudPubSubDeadLetterSourceDeliveryCount: count } = letter?.attributes ?? {};
      assert.deepEqual({ kept, count }, { kept: "yes", count: "5" });
      assert.equal((await world.pull(subscription, 1)).length, 0);
    },
  },
  {
    name: "retry backoff",
    promise: "a retry policy holds a nacked message back, and the others not",
    source: "handling-failures",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, {
        retryPolicy: { minimumBackoff: { seconds: 4 }, maximumBackoff: { seconds: 4 } },
      });
      await world.publish(topic, ["m"]);
      const received = await world.pull(subscription, 1);
      const startMs = performance.now();
      await world.nack(subscription, ...received);
      await world.publish(topic, ["other"]);
      const [other] = await world.pull(subscription, 1);
      assert.equal(other?.text, "other");
      const stream = world.stream(subscription);
      await until(() => stream.received.length > 0, 20_000);
      assert.equal(stream.received[0]?.text, "m");
      assert.ok(performance.now() - startMs >= 4000);
    },
  },
];
