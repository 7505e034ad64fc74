import fc from "fast-check";
import { FaultPlan } from "../../../../emulator/faults/fault-plan.ts";
import type { Consumer } from "../../../../emulator/pubsub/consumer.ts";
import type { Lease } from "../../../../emulator/pubsub/lease.ts";
import { readPublishRequest } from "../../../../emulator/pubsub/publish-request.ts";
import { PubsubState } from "../../../../emulator/pubsub/state.ts";
import type { Subscription } from "../../../../emulator/pubsub/subscription.ts";
import { createSubscription } from "../../../../emulator/pubsub/subscription-calls.ts";
import { createTopic } from "../../../../emulator/pubsub/topic-calls.ts";
import { publishRequest } from "../../../bench/pubsub-raw-client.ts";

const TOPIC = "projects/test/topics/topic";
const SUBSCRIPTION = "projects/test/subscriptions/subscription";
const REGIONS = ["us", "eu"];
const DEADLINE_MS = 10_000;

interface Held {
  readonly lease: Lease;
  readonly ackId: string;
}

/** One topic, one subscription, consumers and a clock, all in virtual time. */
class World {
  readonly state = new PubsubState({
    regions: REGIONS,
    firstMessageId: 1e15,
    faults: new FaultPlan(1),
  });
  nowMs = 1_000_000;
  readonly published: number[] = [];
  readonly acked = new Set<number>();
  /** Messages that came again after their ack was confirmed. */
  readonly afterAck: number[] = [];
  /** Per region and key, message ids in the order of delivery. */
  readonly deliveries = new Map<string, number[]>();
  /** Deliveries that went ahead of an earlier message of their key that was not acked then. */
  readonly overtaking: number[] = [];
  readonly #held: Held[] = [];
  /** Message ids by region and key, as published. */
  readonly #ofKey = new Map<string, number[]>();
  readonly #consumers: { subscription: Subscription; consumer: Consumer }[] = [];

  constructor(fields: object) {
    createTopic(this.state.catalog, { name: TOPIC } as never); // Absent fields are the wire's defaults.
    const resource = { name: SUBSCRIPTION, topic: TOPIC, ackDeadlineSeconds: 10, ...fields };
    createSubscription(this.state.catalog, resource as never, this.nowMs); // As above.
    for (const region of REGIONS.keys()) this.connect(region);
  }

  connect(region: number): void {
    const limits = { maxOutstandingMessages: 7, maxOutstandingBytes: 0 };
    const options = { subscription: SUBSCRIPTION, ackDeadlineSeconds: 10, region, ...limits };
    this.#consumers.push(this.state.openStream(options, this.nowMs));
  }

  /** Ends a stream and opens another one in its place, as a client does whose connection broke. */
  reconnect(index: number): void {
    const [gone] = this.#consumers.splice(index % this.#consumers.length, 1);
    if (gone === undefined) return;
    this.state.closeStream(gone.subscription, gone.consumer);
    this.connect(gone.consumer.region);
  }

  publish(orderingKey: string, region: number, count: number): void {
    const bytes = publishRequest(TOPIC, { count, data: Buffer.from("m"), orderingKey });
    const ids = this.state.publish(readPublishRequest(bytes), region, this.nowMs);
    this.published.push(...ids);
    const key = `${region} ${orderingKey}`;
    this.#ofKey.set(key, [...(this.#ofKey.get(key) ?? []), ...ids]);
  }

  deliver(index: number): void {
    const stream = this.#consumers[index % this.#consumers.length];
    if (stream === undefined) return;
    for (const lease of this.state.deliver(stream.subscription, stream.consumer, this.nowMs)) {
      const { messageId, orderingKey, region } = lease.message;
      if (this.acked.has(messageId)) this.afterAck.push(messageId);
      if (orderingKey !== "") this.#noteOrder(`${region} ${orderingKey}`, messageId);
      this.#held.push({ lease, ackId: stream.subscription.ackIdOf(lease) });
    }
  }

  /** A message may follow its key's last delivery only where all between them are acked. */
  #noteOrder(key: string, messageId: number): void {
    const before = this.deliveries.get(key) ?? [];
    const last = before.at(-1) ?? 0;
    const between = (this.#ofKey.get(key) ?? []).filter((id) => id > last && id < messageId);
    if (between.some((id) => !this.acked.has(id))) this.overtaking.push(messageId);
    this.deliveries.set(key, [...before, messageId]);
  }

  /** Acks a held delivery, perhaps one that has expired since. */
  ack(index: number): void {
    const [held] = this.#held.splice(index % Math.max(1, this.#held.length), 1);
    if (held === undefined) return;
    const { done, unordered } = this.state.acknowledge(SUBSCRIPTION, [held.ackId], this.nowMs);
    if (done.length > 0) this.acked.add(held.lease.message.messageId);
    if (unordered.length > 0) this.#held.push(held);
  }

  nack(index: number): void {
    const [held] = this.#held.splice(index % Math.max(1, this.#held.length), 1);
    if (held === undefined) return;
    const change = { ackId: held.ackId, seconds: 0 };
    this.state.modifyAckDeadline(SUBSCRIPTION, [change], this.nowMs);
  }

  wait(milliseconds: number): void {
    this.nowMs += milliseconds;
    this.state.advance(this.nowMs);
  }

  /** Heals all and acks all, until nothing is left; fails where that does not come to an end. */
  drain(): void {
    for (const region of REGIONS.keys()) this.state.heal(region);
    this.#held.length = 0;
    this.wait(DEADLINE_MS + 1000);
    for (let round = 0; round < 500 && this.unacked > 0; round++) {
      this.deliver(round);
      for (let { length } = this.#held; length > 0; length--) this.ack(0);
      this.wait(100);
    }
  }

  get unacked(): number {
    const { backlogs } = this.state.catalog.subscription(SUBSCRIPTION);
    return backlogs.reduce((sum, { unackedMessages }) => sum + unackedMessages, 0);
  }
}

const index = fc.nat(50);
const indexed = <Kind extends string>(kind: Kind) => fc.record({ kind: fc.constant(kind), index });
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("publish" as const),
      key: fc.constantFrom("", "a", "b", "c"),
      region: fc.nat(1),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 4, arbitrary: indexed("deliver") },
  { weight: 4, arbitrary: indexed("ack") },
  { weight: 2, arbitrary: indexed("nack") },
  { weight: 1, arbitrary: indexed("reconnect") },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("cut" as const, "heal"), region: fc.nat(1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      milliseconds: fc.integer({ min: 1, max: 6000 }),
    }),
  },
);

function take(world: World, action: typeof step extends fc.Arbitrary<infer Step> ? Step : never) {
  switch (action.kind) {
    case "publish":
      return world.publish(action.key, action.region, action.count);
    case "cut":
      return world.state.cutOff(action.region);
    case "heal":
      return world.state.heal(action.region);
    case "wait":
      return world.wait(action.milliseconds);
    default:
      return world[action.kind](action.index);
  }
}

function lived(fields: object, steps: readonly Parameters<typeof take>[1][]): World {
  const world = new World(fields);
  for (const action of steps) take(world, action);
  world.drain();
  return world;
}

const lives = fc.array(step, { minLength: 30, maxLength: 150, size: "max" });
const BOTH = { enableMessageOrdering: true, enableExactlyOnceDelivery: true };

test.each([
  ["plain", {}],
  ["ordered", { enableMessageOrdering: true }],
  ["exactly-once", { enableExactlyOnceDelivery: true }],
  ["both", BOTH],
  [
    "both with backoff",
    { ...BOTH, retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 5 } } },
  ],
])("whatever publish confirmed is delivered and acked in the end: %s", (_, fields) => {
  fc.assert(
    fc.property(lives, (steps) => {
      const world = lived(fields, steps);
      expect(world.unacked).toBe(0);
      expect([...world.acked].sort()).toEqual(world.published.toSorted());
    }),
    { numRuns: 150 },
  );
});

test.each([
  ["exactly-once", { enableExactlyOnceDelivery: true }],
  ["both", BOTH],
])("a message whose ack was confirmed does not come again: %s", (_, fields) => {
  fc.assert(
    fc.property(lives, (steps) => {
      expect(lived(fields, steps).afterAck).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test.each([
  ["ordered", { enableMessageOrdering: true }],
  ["both", BOTH],
])(
  "no message is delivered ahead of an unacked earlier one of its key and region: %s",
  (_, fields) => {
    fc.assert(
      fc.property(lives, (steps) => {
        expect(lived(fields, steps).overtaking).toEqual([]);
      }),
      { numRuns: 150 },
    );
  },
);

test("the same calls at the same times give the same deliveries", () => {
  fc.assert(
    fc.property(lives, (steps) => {
      expect(lived(BOTH, steps).deliveries).toEqual(lived(BOTH, steps).deliveries);
    }),
    { numRuns: 50 },
  );
});

test("a region that is cut off for a minute delivers nothing, its leases end, and healed it redelivers in order", () => {
  const world = new World(BOTH);
  const [us, eu] = [0, 1];
  world.publish("a", eu, 4);
  const deliverAll = () => {
    for (const consumer of [us, eu]) world.deliver(consumer);
  };
  deliverAll();
  const before = world.deliveries.get("1 a");
  expect(before).toEqual(world.published);
  world.state.cutOff(eu);
  for (let second = 0; second < 60; second++) {
    world.wait(1000);
    if (second % 20 === 0) world.publish("b", us, 1);
    deliverAll();
  }
  expect(world.deliveries.get("1 a")).toEqual(before);
  expect(world.deliveries.get("0 b")?.length).toBeGreaterThan(3);
  world.ack(0);
  expect(world.acked.size).toBe(0);
  world.state.heal(eu);
  deliverAll();
  expect(world.deliveries.get("1 a")).toEqual([...(before ?? []), ...(before ?? [])]);
  world.drain();
  expect([...world.acked].sort()).toEqual(world.published.toSorted());
  expect(world.afterAck).toEqual([]);
});

test("where acks must come in order, a stream that has confirmed nothing is sent 500 messages, and more as it confirms", () => {
  const world = new World(BOTH);
  const options = { subscription: SUBSCRIPTION, ackDeadlineSeconds: 10, region: 0 };
  const limits = { maxOutstandingMessages: 0, maxOutstandingBytes: 0 };
  const { subscription, consumer } = world.state.openStream({ ...options, ...limits }, world.nowMs);
  for (let key = 0; key < 60; key++) world.publish(`k${key}`, 0, 100);
  const deliver = () => world.state.deliver(subscription, consumer, world.nowMs);
  const first = deliver();
  expect(first.length).toBe(500);
  expect(deliver()).toEqual([]);
  const changes = first.slice(0, 200).map((lease) => {
    return { ackId: subscription.ackIdOf(lease), seconds: 60 };
  });
  world.state.modifyAckDeadline(SUBSCRIPTION, [...changes, ...changes], world.nowMs);
  expect(deliver().length).toBe(200);
  world.wait(11_000);
  expect(consumer.unconfirmedMessages).toBe(0);
  consumer.isPaced = false;
  expect(deliver().length).toBe(1000);
});
