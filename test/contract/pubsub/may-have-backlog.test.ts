import { credentials } from "@grpc/grpc-js";
import { MINUTE_MS } from "../../../shared/core/time.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { MemoryMetrics } from "../../../shared/io/metrics.ts";
import { PullStream } from "../../../shared/io/pull-stream.ts";
import { EmulatorWorld } from "./emulator-world.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
let emulator: EmulatorWorld;

beforeAll(async () => {
  emulator = await EmulatorWorld.start();
});

afterAll(async () => {
  await emulator.close();
});

test("W9: a stream has a backlog while what it brought waits to be counted, and a minute after", async () => {
  const { us } = emulator.regions;
  const topic = await us.topic();
  const subscription = await us.subscription(topic);
  let aheadMs = 0;
  const clock = { ...systemClock, nowMs: () => Date.now() + aheadMs };
  const options = {
    address: `127.0.0.1:${us.port}`,
    credentials: credentials.createInsecure(),
    subscription,
    clientId: "window",
    ackDeadlineS: 600,
    maxOutstandingMessages: 1000,
    maxOutstandingBytes: 1e6,
    bundleMessagesMax: 10,
    bundleLingerMs: 0,
  };
  const stream = new PullStream(options, { clock, log, metrics: new MemoryMetrics() });
  stream.start();
  expect(stream.mayHaveBacklog()).toBe(true);
  await us.publish(topic, ["event"]);
  const bundle = await stream.take();
  if (bundle === undefined) throw new Error("the stream was not stopped");
  aheadMs += 2 * MINUTE_MS;
  expect(stream.mayHaveBacklog()).toBe(true);
  stream.ack(bundle);
  aheadMs += MINUTE_MS - 1000;
  expect(stream.mayHaveBacklog()).toBe(true);
  aheadMs += 1001;
  expect(stream.mayHaveBacklog()).toBe(false);
  stream.stop();
  await stream.close();
}, 30_000);
