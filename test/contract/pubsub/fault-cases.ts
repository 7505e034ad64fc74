import assert from "node:assert/strict";
import type { Message } from "@google-cloud/pubsub";
import type { FAULT_KINDS } from "../../../emulator/pubsub/fault-kinds.ts";
import type { EmulatorWorld } from "./emulator-world.ts";
import { type PullStream, pause, until } from "./pubsub-world.ts";

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultCase {
  /** What the official client sees of it. */
  readonly shows: string;
  readonly run: (emulator: EmulatorWorld) => Promise<void>;
}

const BOTH = { enableMessageOrdering: true, enableExactlyOnceDelivery: true } as const;
const EXACTLY_ONCE = { enableExactlyOnceDelivery: true } as const;

/** Each kind of fault, once, under the official client. */
export const FAULT_CASES: Readonly<Record<FaultKind, FaultCase>> = {
  publishErrorBefore: {
    shows: "the publish is tried again, and one message is there",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "publishErrorBefore", {});
      await scene.publish(["m"]);
      await scene.consume(1);
      assert.deepEqual(scene.texts, ["m"]);
    },
  },
  publishErrorAfter: {
    shows: "the publish is tried again, and the message is there twice, with two ids",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "publishErrorAfter", {});
      await scene.publish(["m"]);
      await scene.consume(2);
      assert.equal(new Set(scene.messageIds).size, 2);
    },
  },
  duplicateNewId: {
    shows: "one publish call brings a message twice, with two ids",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "duplicateNewId", {});
      await scene.publish(["m"]);
      await scene.consume(2);
      assert.equal(new Set(scene.messageIds).size, 2);
    },
  },
  duplicate: {
    shows: "an ack is confirmed, and the same message comes again",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "duplicate", EXACTLY_ONCE);
      await scene.publish(["m"]);
      await scene.consume(2);
      assert.equal(new Set(scene.messageIds).size, 1);
      assert.equal(scene.acked, 2);
    },
  },
  crossRegionDuplicate: {
    shows: "with clients in two regions, a message comes again after its ack",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "crossRegionDuplicate", EXACTLY_ONCE);
      const { us, eu } = emulator.regions;
      const acking = (stream: PullStream) => {
        for (const { ackId } of stream.received) stream.write({ ackIds: [ackId] });
      };
      const here = us.stream(scene.subscription);
      await scene.publish(["m"]);
      await until(() => here.received.length === 1);
      acking(here);
      await until(() => here.frames.some(({ acknowledgeConfirmation }) => acknowledgeConfirmation));
      assert.equal(await scene.struck(), 0);
      const there = eu.stream(scene.subscription);
      await until(() => there.frames.length > 0);
      await scene.publish(["n"]);
      const all = () => [...here.received, ...there.received].map(({ text }) => text);
      await until(() => all().length === 2);
      acking(here);
      acking(there);
      await until(() => all().length === 3);
      assert.deepEqual(all().sort(), ["m", "n", "n"]);
    },
  },
  lostAckReply: {
    shows: "the client sends the ack again, and it succeeds; nothing comes twice",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "lostAckReply", EXACTLY_ONCE, { limit: 2 });
      await scene.publish(["m"]);
      await scene.consume(1);
      assert.deepEqual(scene.texts, ["m"]);
      assert.equal(scene.failures.length, 0);
    },
  },
  lateAckReply: {
    shows: "the confirmation comes late",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "lateAckReply", EXACTLY_ONCE, { delayMs: 700 });
      await scene.publish(["m"]);
      const startMs = performance.now();
      await scene.consume(1);
      assert.ok(performance.now() - startMs >= 690);
    },
  },
  expiredLease: {
    shows: "the ack of a message held too long fails as INVALID, and the message comes again",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "expiredLease", EXACTLY_ONCE, { delayMs: 600 });
      scene.holdMs = 1500;
      await scene.publish(["m"]);
      await scene.consume(1);
      assert.deepEqual(scene.texts, ["m", "m"]);
      assert.deepEqual(scene.failures, ["INVALID"]);
    },
  },
  delay: {
    shows: "a later key overtakes, and within the delayed key the order holds",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "delay", BOTH, { delayMs: 1500 });
      await scene.publish(["slow1"], "slow");
      await scene.publish(["slow2"], "slow");
      await scene.publish(["quick"], "quick");
      await scene.consume(3);
      assert.deepEqual(scene.texts, ["quick", "slow1", "slow2"]);
    },
  },
  streamReset: {
    shows: "the client connects again, and what was on its way comes again after its lease",
    run: async (emulator) => {
      const scene = await Scene.set(emulator, "streamReset", { ackDeadlineSeconds: 10 });
      await scene.publish(["m"]);
      await scene.consume(1);
      assert.deepEqual(scene.texts, ["m"]);
    },
  },
};

/** One topic, one subscription, one official subscriber, and one rule that strikes a set number of times. */
class Scene {
  readonly texts: string[] = [];
  readonly messageIds: string[] = [];
  /** Codes of acks that failed. */
  readonly failures: unknown[] = [];
  acked = 0;
  #held = 0;
  /** How long the first message is held before its ack. */
  holdMs = 0;
  readonly subscription: string;
  readonly #topic: string;
  readonly #kind: FaultKind;
  readonly #emulator: EmulatorWorld;

  private constructor(
    emulator: EmulatorWorld,
    names: { kind: FaultKind; topic: string; subscription: string },
  ) {
    this.#emulator = emulator;
    this.#kind = names.kind;
    this.#topic = names.topic;
    this.subscription = names.subscription;
  }

  static async set(
    emulator: EmulatorWorld,
    kind: FaultKind,
    fields: object,
    rule: object = {},
  ): Promise<Scene> {
    const { us } = emulator.regions;
    const topic = await us.topic();
    const subscription = await us.subscription(topic, fields);
    const scene = new Scene(emulator, { kind, topic, subscription });
    await emulator.control("POST", "faults", { kind, target: scene.#target, limit: 1, ...rule });
    return scene;
  }

  struck(): Promise<number> {
    return this.#emulator.countOf(this.#kind, this.#target);
  }

  async publish(texts: readonly string[], orderingKey = ""): Promise<void> {
    await this.#emulator.regions.us.publish(this.#topic, texts, { orderingKey });
  }

  /** Receives until so many messages are acked, the rule has struck, and a while brings nothing more. */
  async consume(count: number): Promise<void> {
    const pubsub = this.#emulator.regions.us.pubsub();
    const subscription = pubsub.subscription(this.subscription, {
      batching: { maxMilliseconds: 5 },
    });
    subscription.on("message", (message) => void this.#receive(message));
    subscription.on("error", (error) => this.failures.push(error));
    await until(() => this.acked >= count && this.#held === 0, 25_000);
    await pause(200);
    await subscription.close();
    await pubsub.close();
    assert.equal(this.acked, count);
  }

  async #receive(message: Message): Promise<void> {
    const isFirst = this.texts.push(message.data.toString()) === 1;
    this.messageIds.push(message.id);
    this.#held++;
    if (isFirst) await pause(this.holdMs);
    try {
      await message.ackWithResponse();
      this.acked++;
    } catch (error) {
      this.failures.push(Object(error).errorCode);
    }
    this.#held--;
  }

  get #target(): string {
    const isOfTopic = this.#kind.startsWith("publish") || this.#kind === "duplicateNewId";
    return isOfTopic ? this.#topic : this.subscription;
  }
}
