import { EmulatorWorld } from "./emulator-world.ts";
import { pause, until } from "./pubsub-world.ts";

let emulator: EmulatorWorld;

beforeAll(async () => {
  emulator = await EmulatorWorld.start();
});

afterAll(async () => {
  await emulator.close();
});

const MESSAGES = 600;
const PART = 100;

test("whatever publish confirmed arrives, through resets, ended leases, failing publishes, seeks and a cut region", async () => {
  const { us, eu } = emulator.regions;
  const topicName = await us.topic();
  const subscriptionName = await us.subscription(topicName, {
    enableMessageOrdering: true,
    retainAckedMessages: true,
    ackDeadlineSeconds: 10,
  });
  const startSeconds = Math.floor(Date.now() / 1000) - 1;
  const rules = [
    { kind: "streamReset", target: subscriptionName, probability: 0.05, limit: 4 },
    { kind: "expiredLease", target: subscriptionName, probability: 0.02, limit: 10, delayMs: 100 },
    { kind: "publishErrorBefore", target: topicName, probability: 0.2, limit: 5 },
    { kind: "publishErrorAfter", target: topicName, probability: 0.2, limit: 5 },
  ];
  for (const rule of rules) await emulator.control("POST", "faults", rule);
  const clients = [us.pubsub(), eu.pubsub()];
  const received = new Set<string>();
  const subscriptions = clients.map((client) => {
    const subscription = client.subscription(subscriptionName, {
      batching: { maxMilliseconds: 5 },
    });
    subscription.on("error", () => undefined);
    subscription.on("message", (message) => {
      received.add(message.data.toString());
      message.ack();
    });
    return subscription;
  });
  const confirmed: string[] = [];
  for (let next = 0; next < MESSAGES; next += PART) {
    const topic = clients[(next / PART) % 2]?.topic(topicName, { messageOrdering: true });
    const part = Array.from({ length: PART }, async (_, index) => {
      const text = `m${next + index}`;
      await topic?.publishMessage({ data: Buffer.from(text), orderingKey: `k${index % 7}` });
      confirmed.push(text);
    });
    if (next === 2 * PART) await emulator.control("POST", "regions/eu/cut");
    await pause(300);
    await emulator.control("POST", "regions/eu/heal");
    await Promise.all(part);
    await us.subscriber.seek({ subscription: subscriptionName, time: { seconds: startSeconds } });
  }
  await until(() => received.size === MESSAGES, 60_000);
  await emulator.control("DELETE", "faults");
  for (let backlog = 1; backlog > 0; await pause(100)) {
    const figures = Object(await emulator.control("GET", "backlog"));
    backlog = figures.reduce((sum: number, each: { undeliveredMessages: number }) => {
      return sum + each.undeliveredMessages;
    }, 0);
  }
  expect(confirmed.length).toBe(MESSAGES);
  expect([...received].sort()).toEqual(confirmed.sort());
  await Promise.all(subscriptions.map((subscription) => subscription.close()));
  await Promise.all(clients.map((client) => client.close()));
}, 90_000);
