import assert from "node:assert/strict";
import { status } from "@grpc/grpc-js";
import type { ConformanceCase } from "./conformance-case.ts";
import { pause, refusalOf } from "./pubsub-world.ts";

const DEFINITION = `syntax = "proto3";
message Event { string id = 1; int64 price = 2; repeated string tags = 3; }`;
const WIDER = DEFINITION.replace("}", "string seat = 4; }");

/** `Event { id: "a" }`. */
const EVENT = Buffer.from([0x0a, 0x01, 0x61]);

/** Publishing, schemas, seeking, and what may be done to resources. */
export const RESOURCE_CASES: readonly ConformanceCase[] = [
  {
    name: "one key a request",
    promise: "a publish request with two ordering keys is INVALID_ARGUMENT",
    source: "proto: PubsubMessage.ordering_key",
    run: async (world) => {
      const topic = await world.topic();
      const messages = ["a", "b"].map((key) => ({ data: Buffer.from(key), orderingKey: key }));
      const refusal = await refusalOf(world.publisher.publish({ topic, messages }));
      assert.equal(refusal?.code, status.INVALID_ARGUMENT);
    },
  },
  {
    name: "empty message",
    promise: "a message without data and attributes is INVALID_ARGUMENT",
    source: "proto: PubsubMessage.data",
    run: async (world) => {
      const topic = await world.topic();
      const refusal = await refusalOf(world.publisher.publish({ topic, messages: [{}] }));
      assert.equal(refusal?.code, status.INVALID_ARGUMENT);
    },
  },
  {
    name: "publish limits",
    promise: "over 1,000 messages, 10 MB, a 1,024 B attribute value or key are INVALID_ARGUMENT",
    source: "quotas",
    run: async (world) => {
      const topic = await world.topic();
      const data = Buffer.from("x");
      const requests = [
        Array.from({ length: 1001 }, () => ({ data })),
        [{ data: Buffer.alloc(10_000_001) }],
        [{ data, attributes: { key: "v".repeat(1025) } }],
        [{ data, attributes: { ["k".repeat(257)]: "v" } }],
        [{ data, orderingKey: "k".repeat(1025) }],
      ];
      for (const messages of requests) {
        const refusal = await refusalOf(world.publisher.publish({ topic, messages }));
        assert.equal(refusal?.code, status.INVALID_ARGUMENT);
      }
    },
  },
  {
    name: "protobuf schema",
    promise: "a topic takes only messages that match its schema, and names the revision on each",
    source: "schemas",
    run: async (world) => {
      const schema = await world.schema(DEFINITION);
      const topic = await world.topic({
        schemaSettings: { schema: schema.name, encoding: "BINARY" },
      });
      const subscription = await world.subscription(topic);
      await world.publisher.publish({ topic, messages: [{ data: EVENT }] });
      const wrong = { topic, messages: [{ data: Buffer.from([0x08, 0x01]) }] };
      assert.equal(
        (await refusalOf(world.publisher.publish(wrong)))?.code,
        status.INVALID_ARGUMENT,
      );
      const [received] = await world.pull(subscription, 1);
      assert.deepEqual(received?.attributes, {
        googclient_schemaencoding: "BINARY",
        googclient_schemaname: schema.name,
        googclient_schemarevisionid: schema.revisionId,
      });
    },
  },
  {
    name: "schema in JSON",
    promise: "a topic with JSON encoding takes the JSON form of its protobuf schema",
    source: "schemas",
    run: async (world) => {
      const schema = await world.schema(DEFINITION);
      const topic = await world.topic({
        schemaSettings: { schema: schema.name, encoding: "JSON" },
      });
      await world.publish(topic, ['{"id":"a","price":"12","tags":["x"]}']);
      const refusal = await refusalOf(world.publish(topic, ['{"price":"dear"}']));
      assert.equal(refusal?.code, status.INVALID_ARGUMENT);
    },
  },
  {
    name: "schema revisions",
    promise: "a revision may add a field and not change one; a topic's range bounds what it takes",
    source: "commit-schema-revision",
    run: async (world) => {
      const { name, revisionId } = await world.schema(DEFINITION);
      const type = "PROTOCOL_BUFFER" as const;
      const commit = (definition: string) =>
        world.schemas.commitSchema({ name, schema: { name, type, definition } });
      const [second] = await commit(WIDER);
      assert.notEqual(second.revisionId, revisionId);
      const breaking = DEFINITION.replace("int64 price", "string price");
      assert.equal((await refusalOf(commit(breaking)))?.code, status.INVALID_ARGUMENT);
      const topic = await world.topic({
        schemaSettings: { schema: name, encoding: "BINARY", lastRevisionId: revisionId },
      });
      const seat = Buffer.from([...EVENT, 0x22, 0x01, 0x73]);
      const refusal = await refusalOf(
        world.publisher.publish({ topic, messages: [{ data: seat }] }),
      );
      assert.equal(refusal?.code, status.INVALID_ARGUMENT);
    },
  },
  {
    name: "seek to a time",
    promise: "seeking into the past brings acked messages back, into the future acks all",
    source: "replay-overview",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, { retainAckedMessages: true });
      const startSeconds = Math.floor(Date.now() / 1000) - 1;
      await world.publish(topic, ["a"]);
      await world.ack(subscription, ...(await world.pull(subscription, 1)));
      await world.subscriber.seek({ subscription, time: { seconds: startSeconds } });
      assert.equal((await world.pull(subscription, 1)).length, 1);
      await world.subscriber.seek({ subscription, time: { seconds: startSeconds + 3600 } });
      assert.equal((await world.pull(subscription, 1)).length, 0);
    },
  },
  {
    name: "seek to a snapshot, ordered",
    promise: "a snapshot brings back what was unacked then and came since, in order",
    source: "replay-overview",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic, { enableMessageOrdering: true });
      await world.publish(topic, ["a", "b"], { orderingKey: "k" });
      const [first] = await world.pull(subscription, 1);
      assert.ok(first);
      await world.ack(subscription, first);
      const snapshot = world.name("snapshots");
      await world.subscriber.createSnapshot({ name: snapshot, subscription });
      await world.publish(topic, ["c"], { orderingKey: "k" });
      await world.ack(subscription, ...(await world.pull(subscription, 2)));
      await world.subscriber.seek({ subscription, snapshot });
      const again = await world.pull(subscription, 2);
      assert.deepEqual(
        again.map(({ text }) => text),
        ["b", "c"],
      );
    },
  },
  {
    name: "detach",
    promise: "a detached subscription drops its backlog, and pulling is FAILED_PRECONDITION",
    source: "detach-subscriptions",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic);
      await world.publish(topic, ["m"]);
      await world.publisher.detachSubscription({ subscription });
      const refusal = await refusalOf(world.pull(subscription, 1));
      assert.equal(refusal?.code, status.FAILED_PRECONDITION);
      const [resource] = await world.subscriber.getSubscription({ subscription });
      assert.equal(resource.detached, true);
    },
  },
  {
    name: "deleted topic",
    promise: "its subscriptions stay, name _deleted-topic_, and deliver what they have",
    source: "proto: Publisher.DeleteTopic",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic);
      await world.publish(topic, ["m"]);
      await world.publisher.deleteTopic({ topic });
      const [resource] = await world.subscriber.getSubscription({ subscription });
      assert.equal(resource.topic, "_deleted-topic_");
      assert.equal((await world.pull(subscription, 1)).length, 1);
    },
  },
  {
    name: "update masks",
    promise: "named fields change; an immutable, unknown or no field is INVALID_ARGUMENT",
    source: "proto: UpdateSubscriptionRequest",
    run: async (world) => {
      const topic = await world.topic();
      const name = await world.subscription(topic);
      const update = (...paths: string[]) =>
        world.subscriber.updateSubscription({
          subscription: { name, ackDeadlineSeconds: 30, filter: "attributes:x" },
          updateMask: { paths },
        });
      const [updated] = await update("ack_deadline_seconds");
      assert.equal(updated.ackDeadlineSeconds, 30);
      assert.equal(updated.filter, "");
      for (const paths of [["filter"], ["no_such_field"], []]) {
        assert.equal((await refusalOf(update(...paths)))?.code, status.INVALID_ARGUMENT);
      }
    },
  },
  {
    name: "pagination",
    promise: "lists come in pages of page_size, and end without a token",
    source: "proto: ListSubscriptionsRequest",
    run: async (world) => {
      const topic = await world.topic();
      const names: string[] = [];
      for (let index = 0; index < 5; index++) names.push(await world.subscription(topic));
      const found: string[] = [];
      let pages = 0;
      for (let pageToken = ""; pages === 0 || pageToken !== ""; pages++) {
        const [subscriptions, , response] = await world.publisher.listTopicSubscriptions(
          { topic, pageSize: 2, pageToken },
          { autoPaginate: false },
        );
        found.push(...subscriptions);
        pageToken = response?.nextPageToken ?? "";
      }
      assert.equal(pages, 3);
      assert.deepEqual(found.sort(), names.sort());
    },
  },
  {
    name: "resource names",
    promise: "an id with a wrong form is INVALID_ARGUMENT",
    source: "pubsub-basics#resource_names",
    run: async (world) => {
      for (const id of ["ab", "1abc", "goog-x", "a b c", "x".repeat(256)]) {
        const call = world.publisher.createTopic({ name: `${world.project}/topics/${id}` });
        assert.equal((await refusalOf(call))?.code, status.INVALID_ARGUMENT, id);
      }
    },
  },
  {
    name: "existence",
    promise: "what is missing is NOT_FOUND, what is there already ALREADY_EXISTS",
    source: "reference/error-codes",
    run: async (world) => {
      const topic = await world.topic();
      const subscription = await world.subscription(topic);
      const again = world.publisher.createTopic({ name: topic });
      assert.equal((await refusalOf(again))?.code, status.ALREADY_EXISTS);
      const twice = world.subscriber.createSubscription({ name: subscription, topic });
      assert.equal((await refusalOf(twice))?.code, status.ALREADY_EXISTS);
      const missing = world.name("topics");
      assert.equal((await refusalOf(world.subscription(missing)))?.code, status.NOT_FOUND);
      assert.equal((await refusalOf(world.publish(missing, ["m"])))?.code, status.NOT_FOUND);
    },
  },
  {
    name: "subscription ranges",
    promise: "deadlines, retention, attempts, backoff and ttl out of range are INVALID_ARGUMENT",
    source: "proto: Subscription",
    run: async (world) => {
      const topic = await world.topic();
      const wrong = [
        { ackDeadlineSeconds: 5 },
        { messageRetentionDuration: { seconds: 60 } },
        { deadLetterPolicy: { deadLetterTopic: topic, maxDeliveryAttempts: 4 } },
        { retryPolicy: { minimumBackoff: { seconds: 601 } } },
        { expirationPolicy: { ttl: { seconds: 3600 } } },
      ];
      for (const fields of wrong) {
        const refusal = await refusalOf(world.subscription(topic, fields));
        assert.equal(refusal?.code, status.INVALID_ARGUMENT, JSON.stringify(fields));
      }
    },
  },
  {
    name: "storage policy",
    promise: "a storage policy that allows no region is INVALID_ARGUMENT",
    source: "proto: MessageStoragePolicy",
    run: async (world) => {
      const policy = { messageStoragePolicy: { allowedPersistenceRegions: [] } };
      assert.equal((await refusalOf(world.topic(policy)))?.code, status.INVALID_ARGUMENT);
    },
  },
  {
    name: "topic retention",
    promise: "a new subscription can seek to what the topic retained before it was made",
    source: "topic-message-retention",
    run: async (world) => {
      const topic = await world.topic({ messageRetentionDuration: { seconds: 3600 } });
      await world.publish(topic, ["before"]);
      await pause(50);
      const subscription = await world.subscription(topic);
      assert.equal((await world.pull(subscription, 1)).length, 0);
      const seconds = Math.floor(Date.now() / 1000) - 60;
      await world.subscriber.seek({ subscription, time: { seconds } });
      assert.equal((await world.pull(subscription, 1)).length, 1);
    },
  },
];
