import type { AuctionEvent } from "../../../../../shared/core/auction/event.ts";
import { RetryableError } from "../../../../../shared/core/errors.ts";
import type { Clock } from "../../../../../shared/io/ports.ts";
import { openOutboxes } from "../../../../../workers/gavel/simulate/outboxes.ts";
import { aBid } from "../../../../support/builders.ts";

const us = aBid({ region: "us" });
const eu = aBid({ region: "eu" });

/** Outboxes of regions that `fails` says do not take events, in a system that is there or not, by time. */
function outboxes(parts: {
  readonly fails: (event: AuctionEvent, nowMs: number) => boolean;
  readonly isThere: (nowMs: number) => boolean;
}) {
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    every: () => () => undefined,
  };
  const publish = async (events: readonly AuctionEvent[]): Promise<void> => {
    await Promise.resolve();
    if (events.some((event) => parts.fails(event, nowMs))) throw new RetryableError("refused");
  };
  const said: string[] = [];
  const sink = openOutboxes(
    { publish, close: () => Promise.resolve() },
    {
      clock,
      reach: async () => {
        await Promise.resolve();
        if (!parts.isThere(nowMs)) throw new Error("nothing answers at a:1");
      },
      signal: new AbortController().signal,
      onTurn: (sentence) => said.push(sentence),
    },
  );
  return { sink, said, clock };
}

test("a region that is cut off for an hour keeps its events until it takes them", async () => {
  const hourMs = 3_600_000;
  const { sink, said, clock } = outboxes({
    fails: (event, nowMs) => event.region === "eu" && nowMs < hourMs,
    isThere: () => true,
  });
  await sink.send([us, eu]);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(hourMs);
  expect(said).toEqual(["eu takes no events, they are kept: refused", "eu takes events again"]);
});

test("a system that starts again within 20 s is waited for, and one that is gone is given up", async () => {
  const back = outboxes({
    fails: (_, nowMs) => nowMs < 19_000,
    isThere: (nowMs) => nowMs > 18_000,
  });
  await back.sink.send([us]);
  const gone = outboxes({ fails: () => true, isThere: () => false });
  await expect(gone.sink.send([us, eu])).rejects.toThrow(
    "given up after 20 s: nothing answers at a:1",
  );
  expect(gone.clock.nowMs()).toBeLessThan(60_000);
});
