import { encodeEvent } from "../../../../../shared/wire/event-codec.ts";
import { decideReplay } from "../../../../../workers/gavel/dead-letters/dead-letter.ts";
import { aBid } from "../../../../support/builders.ts";

const bid = aBid();
const BID_MS = bid.eventTimeUs / 1000;
const payload = Buffer.from(encodeEvent(bid));
const future = { reason: "tooFarInFuture", payload };

test("an event from the future is published again once its time has come, not before", () => {
  expect(decideReplay(future, BID_MS - 300_000).kind).toBe("publish");
  expect(decideReplay(future, BID_MS - 300_001)).toEqual({
    kind: "refuse",
    why: "its event time, 2026-01-01T00:00:00.000Z, is still in the future",
  });
});

test("what would only fail once more is not published, and why is said", () => {
  const broken = { reason: "undecodable", payload: Buffer.from([0xff, 0xff]) };
  expect(decideReplay(broken, BID_MS)).toMatchObject({
    kind: "refuse",
    why: expect.stringMatching(/^undecodable/),
  });
  const conflict = { reason: "conflictingPrice", payload };
  expect(decideReplay(conflict, BID_MS).kind).toBe("refuse");
});
