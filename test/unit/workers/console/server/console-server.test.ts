import { once } from "node:events";
import { get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../../../../../shared/io/clock.ts";
import { MemoryMetrics } from "../../../../../shared/io/metrics.ts";
import { createConsoleServer } from "../../../../../workers/console/server/console-server.ts";
import { Feed } from "../../../../../workers/console/server/feed.ts";
import { poll } from "../../../../../workers/console/server/poll.ts";
import { readAssets } from "../../../../../workers/console/server/read-assets.ts";
import { tellAlive } from "../../../../../workers/console/server/tell-alive.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
let feed: Feed;
let server: Server;

beforeEach(async () => {
  feed = new Feed(() => [["history", [1, 2]]]);
  const page = { name: "counts", about: /^\w{1,8}$/, openFeed: () => feed };
  const actions = {};
  server = createConsoleServer([{ page, feed, actions }], readAssets(), { isLocalOnly: true, log });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function ask(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers }, resolve).on("error", reject);
  });
}

/** Reads a feed until it holds the text. */
async function heardUntil(response: IncomingMessage, text: string): Promise<string> {
  let heard = "";
  for await (const piece of response.setEncoding("utf8")) {
    heard += piece;
    if (heard.includes(text)) break;
  }
  return heard;
}

test("who comes late is sent every part as it stands, once", async () => {
  feed.set("late", 1);
  feed.set("late", 2);
  feed.set("late", 2);
  const response = await ask("/feeds/counts");
  feed.tell("rates", 3);
  expect(await heardUntil(response, "rates")).toBe(
    [
      "retry: 1000\n\n",
      "event: history\ndata: [1,2]\n\n",
      "event: late\ndata: 2\n\n",
      "event: rates\ndata: 3\n\n",
    ].join(""),
  );
});

test("a feed with nothing to say says each second that it lives, until the console stops", async () => {
  let tick = (): void => undefined;
  let isStopped = false;
  const every = (ms: number, next: () => void) => {
    expect(ms).toBe(1000);
    tick = next;
    return () => {
      isStopped = true;
    };
  };
  const stopping = new AbortController();
  tellAlive([feed], { clock: { ...systemClock, every }, signal: stopping.signal });
  const response = await ask("/feeds/counts");
  tick();
  expect(await heardUntil(response, "alive")).toMatch(/event: alive\ndata: true\n\n$/);
  stopping.abort();
  expect(isStopped).toBe(true);
});

test("what is asked about goes to those who asked, and is forgotten when they go", async () => {
  const asking = await ask("/feeds/counts?about=a1");
  const other = await ask("/feeds/counts");
  expect(feed.abouts()).toEqual(["a1"]);
  feed.set("sought", "mine", "a1");
  feed.tell("end", 0);
  expect(await heardUntil(asking, "end")).toContain('event: sought\ndata: "mine"');
  expect(await heardUntil(other, "end")).not.toContain("sought");
  asking.destroy();
  while (feed.abouts().length > 0) await new Promise(setImmediate);
  feed.set("sought", "an answer that came too late", "a1");
  const again = await ask("/feeds/counts?about=a1");
  feed.tell("end", 1);
  expect(await heardUntil(again, "end")).not.toContain("sought");
});

test("a source that does not answer is named in the feed until it does", async () => {
  const stopping = new AbortController();
  const context = {
    clock: systemClock,
    log,
    metrics: new MemoryMetrics(),
    signal: stopping.signal,
  };
  const response = await ask("/feeds/counts");
  let failures = 2;
  const read = (): Promise<void> =>
    failures-- > 0 ? Promise.reject(new Error("connection refused")) : Promise.resolve();
  poll({ name: "BigQuery", everyMs: 10 }, read, { feed, context });
  const [, named = "", healed = ""] = (await heardUntil(response, '{"answeredAtMs"')).split(
    "event: source:BigQuery\n",
  );
  stopping.abort();
  expect(named).toMatch(/^data: {"problem":"connection refused","answeredAtMs":\d+}/);
  expect(healed).toMatch(/^data: {"answeredAtMs":\d+}/);
  expect(context.metrics.snapshot().counters["reads_failed"]).toBe(2);
});

test.each([
  ["a path outside", "/../package.json", {}, 404],
  ["a page that is none", "/finance", {}, 404],
  ["another host's name", "/", { host: "evil.example" }, 403],
  ["a question that the page cannot have", "/feeds/counts?about=%00", {}, 400],
  ["a feed that is none", "/feeds/finance", {}, 404],
])("%s is refused", async (_kind, path, headers, status) => {
  expect((await ask(path, headers)).statusCode).toBe(status);
});

test("every file that the page names is served, under a policy that lets nothing else in", async () => {
  const page = await ask("/counts");
  expect(page.headers["content-security-policy"]).toMatch(
    /^default-src 'none'; script-src 'self';/,
  );
  const text = await heardUntil(page, "</html>");
  const named = [...text.matchAll(/(?:href|src)="(\/[^"]+)"/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(3);
  for (const path of named) expect((await ask(path)).statusCode).toBe(200);
});

test("every module that a module imports is served", () => {
  const assets = readAssets();
  const scripts = [...assets].filter(([path]) => path.endsWith(".js"));
  for (const [path, { bytes }] of scripts) {
    const imports = bytes.toString().matchAll(/(?:from|import\() ?"(\.{0,2}\/[^"]+)"/g);
    for (const [, specifier = ""] of imports) {
      const { pathname } = new URL(specifier, `http://host${path}`);
      expect([...assets.keys()]).toContain(pathname);
    }
  }
});
