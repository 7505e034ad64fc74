import { once } from "node:events";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { RetryableError } from "../../../../../shared/core/errors.ts";
import { answer } from "../../../../../workers/console/server/action.ts";
import { createConsoleServer } from "../../../../../workers/console/server/console-server.ts";
import { Feed } from "../../../../../workers/console/server/feed.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** What the action was asked, by whom, in order. */
let asked: { readonly who: string; readonly fields: object }[] = [];
let server: Server;

async function serve(isLocalOnly: boolean): Promise<void> {
  const page = { name: "money", about: /^$/ };
  const actions = {
    pay: (fields: object, who: string) => {
      asked.push({ who, fields });
      if ("fail" in fields) return Promise.reject(new RetryableError("aborted"));
      return Promise.resolve(answer(200, "paid"));
    },
  };
  server = createConsoleServer([{ page, feed: new Feed(), actions }], new Map(), {
    isLocalOnly,
    log,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}

beforeEach(() => {
  asked = [];
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

/** Asks as a page of the console would, but for what is given. An undefined header is left out. */
function ask({ method = "POST", path = "/actions/money/pay", headers = {}, body = "{}" }: Asked) {
  const { port } = server.address() as AddressInfo;
  const usual = { origin: `http://127.0.0.1:${port}`, "content-type": "application/json" };
  const sent = Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== undefined);
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, headers: Object.fromEntries(sent) };
    const sending = request(options, async (response) => {
      let text = "";
      for await (const piece of response.setEncoding("utf8")) text += piece;
      resolve({ status: response.statusCode, text });
    });
    sending.on("error", reject).end(body);
  });
}

test("a page of this console acts under the name that its user gives", async () => {
  await serve(true);
  const { status, text } = await ask({ body: '{"by":" ann ","amount":1}' });
  expect([status, text]).toEqual([200, '{"says":"paid"}']);
  expect(asked).toEqual([{ who: "ann", fields: { by: " ann ", amount: 1 } }]);
});

test("behind the proxy, who acts is whom it signed in, whatever the page says", async () => {
  await serve(false);
  const signed = { "x-goog-authenticated-user-email": "accounts.google.com:ann@example.com" };
  expect(await ask({ headers: signed, body: '{"by":"bob"}' })).toMatchObject({ status: 200 });
  expect(await ask({ body: '{"by":"bob"}' })).toMatchObject({ status: 401 });
  expect(asked.map(({ who }) => who)).toEqual(["ann@example.com"]);
});

test.each<[string, Asked, number]>([
  ["a page elsewhere", { headers: { origin: "http://evil.example" } }, 403],
  ["a page of another port", { headers: { origin: "http://127.0.0.1:1" } }, 403],
  ["an origin that is none", { headers: { origin: "null" } }, 403],
  ["a request without an origin", { headers: { origin: undefined } }, 403],
  ["a form", { headers: { "content-type": "text/plain" } }, 415],
  ["text that is no JSON", { body: "{" }, 400],
  ["JSON that is no object", { body: "[1]" }, 400],
  ["nobody's request", { body: "{}" }, 400],
  ["a name of control characters", { body: '{"by":"\\u0007"}' }, 400],
  ["a body without end", { body: JSON.stringify({ by: "ann", x: "x".repeat(70_000) }) }, 413],
  ["a read of an action", { method: "GET" }, 405],
  ["a write to a page", { path: "/money" }, 405],
  ["an action that is none", { path: "/actions/money/steal" }, 405],
])("%s does nothing", async (_kind, sent, status) => {
  await serve(true);
  expect(await ask({ body: '{"by":"ann"}', ...sent })).toMatchObject({ status });
  expect(asked).toEqual([]);
});

test("a database that did not answer is told as an outcome that nobody knows", async () => {
  await serve(true);
  const { status, text } = await ask({ body: '{"by":"ann","fail":1}' });
  expect(status).toBe(503);
  expect(JSON.parse(text).says).toMatch(/^The database did not answer, so it may or may not be/);
});
