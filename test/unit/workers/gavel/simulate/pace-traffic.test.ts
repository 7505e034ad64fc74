import type { Clock } from "../../../../../shared/io/ports.ts";
import {
  type PaceProgress,
  paceTraffic,
} from "../../../../../workers/gavel/simulate/pace-traffic.ts";
import { aBid } from "../../../../support/builders.ts";

/** A clock that stands still but while somebody sleeps; each sleep takes `lateMs` longer than asked. */
function virtualClock(lateMs: number): Clock {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    sleep: (ms) => {
      nowMs += ms + lateMs;
      return new Promise((resolve) => setImmediate(resolve));
    },
    every: () => () => undefined,
  };
}

const never = new AbortController().signal;

function sinkOf(send: (count: number) => Promise<void>) {
  return {
    send: (events: readonly unknown[]) => send(events.length),
    close: () => Promise.resolve(),
  };
}

test.each([10, 5000, 100_000])(
  "%i events/s are kept by the clock however late each turn is",
  async (eventsPerSecond) => {
    const rates: number[] = [];
    const end = await paceTraffic(
      () => aBid(),
      sinkOf(() => Promise.resolve()),
      {
        eventsPerSecond,
        eventsMax: eventsPerSecond * 3,
        clock: virtualClock(37),
        signal: never,
        onProgress: ({ sent, seconds }) => {
          if (seconds > 1) rates.push(sent / seconds);
        },
      },
    );
    expect(end).toMatchObject({
      sent: eventsPerSecond * 3,
      confirmed: eventsPerSecond * 3,
      behind: 0,
    });
    expect(end.seconds).toBeLessThan(3.6);
    expect(Math.min(...rates)).toBeGreaterThan(eventsPerSecond * 0.8);
    expect(Math.max(...rates)).toBeLessThanOrEqual(eventsPerSecond);
  },
);

test("a sink that takes nothing is waited for at a bound, and what is owed is said", async () => {
  const stopping = new AbortController();
  let largest: PaceProgress | undefined;
  const pending = new Promise<void>((resolve) => {
    stopping.signal.addEventListener("abort", () => resolve());
  });
  const end = await paceTraffic(
    () => aBid(),
    sinkOf(() => pending),
    {
      eventsPerSecond: 100_000,
      eventsMax: Number.POSITIVE_INFINITY,
      clock: virtualClock(0),
      signal: stopping.signal,
      onProgress: (progress) => {
        largest = progress;
        if (progress.sent >= 200_000) stopping.abort();
      },
    },
  );
  expect(largest?.sent).toBe(200_000);
  expect(end.sent).toBe(200_000);
});

test("the sink's failure ends the run, unless it was stopped", async () => {
  const sink = sinkOf(() => Promise.reject(new Error("disk is full")));
  const options = {
    eventsPerSecond: 100,
    eventsMax: 1000,
    clock: virtualClock(0),
    signal: never,
  };
  await expect(paceTraffic(() => aBid(), sink, options)).rejects.toThrow("disk is full");
});
