import { connect } from "node:net";
import { fuzzBodies, fuzzNotices } from "./fuzz-ingest.ts";
import { IngestProcess } from "./ingest-process.ts";

const BODIES = 1500;
const NOTICES = 1000;

test("every fuzzed request is answered 2xx or 4xx, and what is called accepted is at Pub/Sub", async () => {
  const report = await fuzzBodies(BODIES, 7);
  const kinds = new Set(Object.keys(report.statuses).map((status) => status[0]));
  expect([...kinds].toSorted()).toEqual(["2", "4"]);
  expect(report.published).toBe(report.accepted);
  expect(report.accepted).toBeGreaterThan(BODIES / 10);
  expect(report).toMatchObject({ requests: BODIES, errors: [], exit: { code: 0 } });
  expect(report.exit.ms).toBeLessThan(9000);
}, 120_000);

test("no notice that is forged, altered or sent again is accepted, and every honest one is", async () => {
  const report = await fuzzNotices(NOTICES, 8);
  expect(report).toMatchObject({ requests: NOTICES, misjudged: 0, errors: [] });
  expect(report.published).toBe(report.statuses[200]);
}, 120_000);

test("SIGTERM ends ingest with 0 in under 9 s though a sender never finishes its request", async () => {
  const ingest = await IngestProcess.start("off");
  const socket = connect(ingest.port, "127.0.0.1");
  socket.on("error", () => undefined);
  const head = "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  await new Promise<void>((resolve) => {
    socket.write(`${head}Expect: 100-continue\r\nContent-Length: 900\r\n\r\n{`);
    socket.once("data", () => resolve());
  });
  const exit = await ingest.stop();
  socket.destroy();
  expect(exit.code).toBe(0);
  expect(exit.ms).toBeLessThan(9000);
}, 60_000);
