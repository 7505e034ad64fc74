import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { encodeEventBatch } from "../../../shared/wire/event-batch.ts";
import { writeRecord } from "../../../shared/wire/log-form/write-record.ts";
import { aBid, aWin } from "../../support/builders.ts";
import {
  type IngestReply,
  type IngestRequest,
  type Signing,
  sendRequest,
  signed,
  signedQuery,
} from "../../support/ingest-client.ts";
import { until } from "../pubsub/pubsub-world.ts";
import { IngestWorld } from "./ingest-world.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const NDJSON_TYPE = { "Content-Type": "application/x-ndjson" };
const WIN = "/v1/notices/win?auction_id=a1&bid_id=b7&seat_id=s1&price=2.5";

function events(
  body: string | Uint8Array,
  headers: Record<string, string> = JSON_TYPE,
): IngestRequest {
  return { method: "POST", target: "/v1/events", headers, body };
}

function statusOf({ status, document }: IngestReply): string {
  return `${status} ${document.error?.reason ?? document.results?.[0]?.reason ?? "none"}`;
}

describe("on loopback, unsigned", () => {
  let world: IngestWorld;

  beforeAll(async () => {
    world = await IngestWorld.start({
      signing: "off",
      eventsInFlightMax: 600,
      publishTimeoutMs: 500,
    });
  });

  afterAll(async () => {
    await world.close();
  });

  const bids = [1, 2, 3].map((index) => aBid({ bidId: `b${index}`, eventId: `bid:b${index}` }));
  const lines = bids.map(writeRecord);

  test.each<[string, IngestRequest, number]>([
    [
      "one JSON object over several lines",
      events(JSON.stringify(JSON.parse(lines[0] ?? ""), null, 2)),
      1,
    ],
    ["a JSON array", events(`[${lines.join(",")}]`), 3],
    ["NDJSON", events(`${lines.join("\n")}\n`, NDJSON_TYPE), 3],
    [
      "a protobuf batch",
      events(encodeEventBatch(bids), { "Content-Type": "application/x-protobuf" }),
      3,
    ],
    [
      "a body in chunks",
      events(lines[0] ?? "", { ...JSON_TYPE, "Transfer-Encoding": "chunked" }),
      1,
    ],
  ])("%s is at Pub/Sub when it is answered with 200", async (_form, request, count) => {
    const { status, document } = await sendRequest(world.port, request);
    expect([status, document.accepted, document.refused]).toEqual([200, count, 0]);
    expect(await world.received(count)).toEqual(bids.slice(0, count));
  });

  test("each event of a request has its own result, and 207 says that some were refused", async () => {
    const body = [lines[0], '{"bid_id":"b9"}', "not json", lines[2]].join("\n");
    const { status, document } = await sendRequest(world.port, events(body, NDJSON_TYPE));
    expect([status, document.accepted, document.refused]).toEqual([207, 2, 2]);
    expect(document.results?.map(({ status: each }) => each)).toEqual([
      "accepted",
      "refused",
      "refused",
      "accepted",
    ]);
    expect(document.results?.[1]).toMatchObject({ index: 1, reason: "missingField" });
    expect(await world.received(2)).toEqual([bids[0], bids[2]]);
  });

  test("events and notices of a region that the system does not run in are refused, others taken", async () => {
    const dev = await IngestWorld.start({ signing: "off", regions: ["us"] });
    const elsewhere = writeRecord(aBid({ region: "eu" }));
    const body = `${elsewhere}\n${lines[0]}\n`;
    const { status, document } = await sendRequest(dev.port, events(body, NDJSON_TYPE));
    expect([status, document.accepted, document.refused]).toEqual([207, 1, 1]);
    expect(document.results?.[0]).toMatchObject({ reason: "unknownRegion", field: "region" });
    const notice = { method: "GET", target: `${WIN}&region=eu` };
    expect(statusOf(await sendRequest(dev.port, notice))).toBe("400 unknownRegion");
    expect(await dev.received(1)).toEqual([bids[0]]);
    await dev.close();
  });

  test("the same event again is accepted again", async () => {
    for (const _time of [1, 2]) {
      expect((await sendRequest(world.port, events(lines[0] ?? ""))).status).toBe(200);
    }
    expect(await world.received(2)).toEqual([bids[0], bids[0]]);
  });

  test("a notice by GET, by POST with a query and by POST with JSON is the same win", async () => {
    const timed = `${WIN}&timestamp=1767225600`;
    const json = JSON.stringify(Object.fromEntries(new URLSearchParams(timed.split("?")[1])));
    const replies = [
      await sendRequest(world.port, { method: "GET", target: timed }),
      await sendRequest(world.port, { method: "POST", target: timed }),
      await sendRequest(world.port, {
        method: "POST",
        target: "/v1/notices/win",
        headers: JSON_TYPE,
        body: json,
      }),
    ];
    expect(replies.map(statusOf)).toEqual(["200 none", "200 none", "200 none"]);
    const wins = await world.received(3);
    expect(wins[0]).toMatchObject({ type: "win", bidId: "local/a1/s1/b7", priceNanos: 2_500_000n });
    expect(wins).toEqual([wins[0], wins[0], wins[0]]);
  });

  const record = lines[0] ?? "";
  const inFuture = Math.floor(Date.now() / 1000) + 900;
  test.each<[string, IngestRequest, string]>([
    ["an unknown path", { method: "POST", target: "/v1/bids" }, "404 notFound"],
    ["a wrong method", { method: "PUT", target: "/v1/events" }, "405 methodNotAllowed"],
    [
      "gzip",
      events(gzipSync(record), { ...JSON_TYPE, "Content-Encoding": "gzip" }),
      "415 unsupportedEncoding",
    ],
    ["no content type", events(record, {}), "415 unsupportedType"],
    ["XML", events(record, { "Content-Type": "text/xml" }), "415 unsupportedType"],
    ["a body of 300 KB", events(Buffer.alloc(300_000, 0x20)), "413 bodyTooLarge"],
    [
      "a body of 600 KB in chunks",
      events(Buffer.alloc(600_000, 0x20), { ...JSON_TYPE, "Transfer-Encoding": "chunked" }),
      "413 bodyTooLarge",
    ],
    ["501 events", events(Array(501).fill(record).join("\n"), NDJSON_TYPE), "413 tooManyEvents"],
    ["an empty body", events(""), "400 noEvents"],
    ["an empty array", events("[]"), "400 noEvents"],
    ["nesting of 60,000", events("[".repeat(60_000)), "400 notAnEvent"],
    ["a nested field", events(`{"bid_id":${"[".repeat(50_000)}}`), "400 tooDeep"],
    ["bytes that are no UTF-8", events(Buffer.from([0x7b, 0xff, 0xfe])), "400 undecodable"],
    [
      "a batch whose lengths lie",
      events(Buffer.from([0x7f, 0x0a]), { "Content-Type": "application/x-protobuf" }),
      "400 brokenBatch",
    ],
    [
      "a time in the future",
      events(`{"bid_id":"b","auction_id":"a","bid_price":1,"timestamp":${inFuture}}`),
      "400 timestampInFuture",
    ],
    [
      "an unsubstituted price",
      { method: "GET", target: WIN.replace("2.5", "$%7BAUCTION_PRICE%7D") },
      "400 priceMacroEmpty",
    ],
    [
      "a notice in query and body",
      { method: "POST", target: WIN, headers: JSON_TYPE, body: "{}" },
      "400 bodyNotAllowed",
    ],
    [
      "a GET with a body",
      { method: "GET", target: WIN, headers: { "Content-Length": "2" }, body: "{}" },
      "400 bodyNotAllowed",
    ],
  ])("%s is refused and nothing is published", async (_kind, request, answer) => {
    const reply = await sendRequest(world.port, request);
    expect(statusOf(reply)).toBe(answer);
    expect(reply.document.accepted).toBe(0);
    const { mend } = reply.document.error ?? reply.document.results?.[0] ?? {};
    expect(mend).toMatch(/^[A-Z].*\.$/);
    expect(await world.received(0)).toEqual([]);
  });

  test("a request that never ends is cut off with 408", async () => {
    const socket = connect(world.port, "127.0.0.1");
    let answer = "";
    socket.on("data", (bytes) => {
      answer += bytes.toString();
    });
    socket.write("POST /v1/events HTTP/1.1\r\nHost: x\r\n");
    await until(() => answer.includes('"reason":"requestTimeout"'), 20_000);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    socket.destroy();
  }, 30_000);

  test("a region that is cut off is told 503 and then 429, the others go on, and healed it takes all", async () => {
    world.topic.emulator.cutOff("eu");
    const ofEu = Array.from({ length: 400 }, (_, index) =>
      aBid({ region: "eu", bidId: `e${index}` }),
    );
    const request = events(ofEu.map(writeRecord).join("\n"), NDJSON_TYPE);
    const replies = await Promise.all([1, 2].map(() => sendRequest(world.port, request)));
    const [refused, unconfirmed] = replies.toSorted((left, right) => left.status - right.status);
    expect(unconfirmed?.status).toBe(503);
    expect(unconfirmed?.document.results?.[399]).toMatchObject({
      status: "retry",
      reason: "unconfirmed",
    });
    expect(refused && statusOf(refused)).toBe("429 overloaded");
    expect(refused?.headers["retry-after"]).toBe("1");
    expect((await sendRequest(world.port, events(record))).status).toBe(200);
    world.topic.emulator.heal("eu");
    await until(() => world.metrics.snapshot().histograms["publish_ms"] !== undefined);
    let healed = 0;
    for (const end = Date.now() + 30_000; healed !== 200 && Date.now() < end; ) {
      healed = (await sendRequest(world.port, request)).status;
    }
    expect(healed).toBe(200);
    expect(
      (await world.received(401)).filter(({ region }) => region === "eu").length,
    ).toBeGreaterThanOrEqual(400);
  }, 60_000);
});

describe("signed", () => {
  let world: IngestWorld;

  beforeAll(async () => {
    world = await IngestWorld.start({ signing: "on" });
  });

  afterAll(async () => {
    await world.close();
  });

  const record = writeRecord(aWin({ source: "exchange-eu" }));
  const fresh = (overrides: Partial<Signing> = {}): Signing => ({
    keyId: "us-1",
    timestampS: Math.floor(Date.now() / 1000),
    nonce: randomUUID(),
    ...overrides,
  });

  test.each(["us-1", "us-2"])(
    "either key of a source signs, %s, and the event is that source's",
    async (keyId) => {
      const reply = await sendRequest(world.port, signed(events(record), fresh({ keyId })));
      expect(reply.status).toBe(200);
      expect(await world.received(1)).toEqual([aWin({ source: "exchange-us" })]);
    },
  );

  test("a notice by GET is signed in its query, and its bid is the source's own", async () => {
    const reply = await sendRequest(
      world.port,
      signedQuery({ method: "GET", target: WIN }, fresh()),
    );
    expect(reply.status).toBe(200);
    expect(await world.received(1)).toMatchObject([
      { bidId: "exchange-us/a1/s1/b7", source: "exchange-us" },
    ]);
  });

  test("the same signed request again is 409, by headers and by query", async () => {
    for (const request of [
      signed(events(record), fresh()),
      signedQuery({ method: "GET", target: WIN }, fresh()),
    ]) {
      expect((await sendRequest(world.port, request)).status).toBe(200);
      expect(statusOf(await sendRequest(world.port, request))).toBe("409 replayed");
    }
    expect((await world.received(2)).length).toBe(2);
  });

  const now = Math.floor(Date.now() / 1000);
  const headerOf = (name: string, value: string): IngestRequest => {
    const request = signed(events(record), fresh());
    return { ...request, headers: { ...request.headers, [name]: value } };
  };
  test.each<[string, () => IngestRequest, string]>([
    ["no signature", () => events(record), "401 unsigned"],
    ["a notice without one", () => ({ method: "GET", target: WIN }), "401 unsigned"],
    ["a forged signature", () => headerOf("X-Gavel-Signature", "0".repeat(64)), "401 badSignature"],
    [
      "an altered body",
      () => ({ ...signed(events(record), fresh()), body: record.replace("b1", "b2") }),
      "401 badSignature",
    ],
    ["an altered nonce", () => headerOf("X-Gavel-Nonce", randomUUID()), "401 badSignature"],
    ["an altered time", () => headerOf("X-Gavel-Timestamp", String(now + 1)), "401 badSignature"],
    ["another's key", () => headerOf("X-Gavel-Key", "eu-1"), "401 badSignature"],
    ["an unknown key", () => signed(events(record), fresh({ keyId: "us-3" })), "401 unknownKey"],
    [
      "an old time",
      () => signed(events(record), fresh({ timestampS: now - 320 })),
      "401 staleTimestamp",
    ],
    [
      "a time to come",
      () => signed(events(record), fresh({ timestampS: now + 400 })),
      "401 staleTimestamp",
    ],
    [
      "a nonce too short",
      () => signed(events(record), fresh({ nonce: "abc" })),
      "401 badCredentials",
    ],
    [
      "an altered price in a signed query",
      () => {
        const { target, ...rest } = signedQuery({ method: "GET", target: WIN }, fresh());
        return { ...rest, target: target.replace("price=2.5", "price=9.5") };
      },
      "401 badSignature",
    ],
    [
      "something after the signature of a query",
      () => {
        const { target, ...rest } = signedQuery({ method: "GET", target: WIN }, fresh());
        return { ...rest, target: `${target}&price=9.5` };
      },
      "401 badCredentials",
    ],
    [
      "a bid of another source",
      () => signed(events(writeRecord(aWin({ bidId: "exchange-eu/a1/s1/b7" }))), fresh()),
      "400 foreignBid",
    ],
  ])("%s is refused and nothing is published", async (_kind, request, answer) => {
    expect(statusOf(await sendRequest(world.port, request()))).toBe(answer);
    expect(await world.received(0)).toEqual([]);
  });

  test("a nonce is free again where Pub/Sub did not confirm", async () => {
    const {
      topic: { emulator },
      port,
    } = world;
    emulator.cutOff("us");
    const request = signed(events(record), fresh());
    const pending = sendRequest(port, request);
    expect((await pending).status).toBe(503);
    emulator.heal("us");
    let status = 0;
    for (const end = Date.now() + 30_000; status !== 200 && Date.now() < end; ) {
      ({ status } = await sendRequest(port, request));
    }
    expect(status).toBe(200);
    expect(statusOf(await sendRequest(port, request))).toBe("409 replayed");
  }, 60_000);
});

test("draining answers what is under way, takes no more connections and ends", async () => {
  const world = await IngestWorld.start({ signing: "off" });
  const answers = Array.from({ length: 20 }, () =>
    sendRequest(world.port, events(writeRecord(aBid()))),
  );
  await until(() => world.metrics.snapshot().histograms["publish_ms"] !== undefined);
  await world.drain();
  const statuses = await Promise.all(
    answers.map(async (answer) => (await answer.catch(() => undefined))?.status ?? "not taken"),
  );
  expect(statuses).toContain(200);
  expect(statuses.filter((status) => status !== 200 && status !== "not taken")).toEqual([]);
  await expect(sendRequest(world.port, events("{}"))).rejects.toThrow(/ECONNREFUSED/);
  expect((await world.received(1)).length).toBe(statuses.filter((status) => status === 200).length);
  await world.close();
}, 30_000);
