import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { descendantsOf } from "../support/kill-workers.ts";
import { readFeed } from "../support/read-feed.ts";
import { type GavelRun, runGavel } from "../support/run-gavel.ts";

let folder = "";
let system: Promise<GavelRun>;
let pidOfRun = 0;
let started = "";
let variables: Record<string, string> = {};

/** The variables of the table that `gavel start` prints. */
function variablesOf(text: string): Record<string, string> {
  const rows = [...text.matchAll(/ (\S+) +([A-Z][A-Z_]+)$/gm)];
  return Object.fromEntries(rows.map(([, address = "", name = ""]) => [name, address]));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gavel-console-"));
  await new Promise<void>((resolve, reject) => {
    const onOutput = (stdout: string): void => {
      started = stdout;
      if (stdout.includes("Ctrl-C drains") && /counted [1-9]/.test(stdout)) resolve();
    };
    const during = (pid: number): void => {
      pidOfRun = pid;
    };
    system = runGavel(["start", "--rate", "100"], during, { onOutput });
    void system.then(({ stderr }) => reject(new Error(`gavel start ended: ${stderr}`)));
  });
  variables = variablesOf(started);
}, 90_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const gavel = (...args: readonly string[]): Promise<GavelRun> =>
  runGavel(args, () => undefined, { variables });

/** The first value of a part of a page's feed whose JSON matches. */
async function heard(
  about: string,
  part: string,
  isEnough: RegExp,
  page = "counts",
): Promise<unknown> {
  const url = /^Console: (\S+)$/m.exec(started)?.[1];
  for await (const sent of readFeed(`${url}/feeds/${page}?about=${about}`)) {
    if (sent.part === part && isEnough.test(sent.json)) return JSON.parse(sent.json);
  }
  throw new Error(`the feed ended without ${part}`);
}

function bidLine(bidId: string, price: string, timeMs: number): string {
  const timestamp = new Date(timeMs).toISOString();
  return JSON.stringify({ bid_id: bidId, auction_id: "known", bid_price: price, timestamp });
}

test("events sent are in the page's feed and in what every command shows, exactly", async () => {
  const file = join(folder, "events.ndjson");
  const nowMs = Date.now();
  const lines = [
    bidLine("k1", "1.25", nowMs),
    bidLine("k2", "2.5", nowMs),
    bidLine("k1", "1.25", nowMs),
    bidLine("k1", "1.5", nowMs),
  ];
  writeFileSync(file, lines.join("\n"));
  const sought = heard("known", "sought", /"bids":2/);
  const letters = heard("", "deadLetters", /"total":1\b/);
  expect(await gavel("publish", file)).toMatchObject({ code: 0 });
  expect(await sought).toMatchObject({
    auctionId: "known",
    windows: [{ bids: 2, priceMin: "1.25", priceMax: "2.5" }],
  });
  expect(await letters).toMatchObject({ byReason: [{ reason: "conflictingPrice", count: 1 }] });

  const counts = await gavel("counts", "--auction", "known", "--json");
  expect(JSON.parse(counts.stdout)).toMatchObject({ bid_count: 2, price_sum: "3.75" });
  const sum = "SELECT SUM(bid_count) AS bids FROM auction_windows WHERE window_size_s = 60";
  const query = await gavel("query", "--csv", `${sum} AND auction_id = 'known'`);
  expect(query.stdout).toBe("bids\r\n2\r\n");
  const start = new Date(nowMs - (nowMs % 60_000)).toISOString();
  const whyOpen = await gavel("why-open", "us", start, "--json");
  expect(JSON.parse(whyOpen.stdout)).toMatchObject({
    kind: expect.stringMatching(/^(starting|held)$/),
  });
  const listed = await gavel("dead-letters", "list", "--json");
  const { message_id: id, reason } = JSON.parse(listed.stdout);
  expect(reason).toBe("conflictingPrice");
  const replayed = await gavel("dead-letters", "replay", id);
  expect(replayed.code).toBe(1);
  expect(replayed.stderr).toMatch(
    /not published: the bid was counted at its first price, which stands\n$/,
  );
}, 120_000);

/** What the console answers to a page's action. */
async function act(action: string, fields: object): Promise<{ status: number; answer: unknown }> {
  const url = /^Console: (\S+)$/m.exec(started)?.[1] ?? "";
  const response = await fetch(`${url}/actions/${action}`, {
    method: "POST",
    headers: { origin: url, "content-type": "application/json" },
    body: JSON.stringify(fields),
  });
  return { status: response.status, answer: await response.json() };
}

test("a dispute is resolved from its page: once however often it is sent, by the version seen, in the bid's story", async () => {
  const file = join(folder, "wins.ndjson");
  const win = { type: "win", bid_id: "w1", auction_id: "sold", currency: "USD", seat: "s1" };
  const timestamp = new Date().toISOString();
  const wins = ["2.5", "2.75"].map((price) =>
    JSON.stringify({ ...win, bid_price: price, timestamp }),
  );
  writeFileSync(file, wins.join("\n"));
  expect(await gavel("publish", file)).toMatchObject({ code: 0 });
  const story = await heard("w1", "story", /"state":"disputed"/, "finance");
  const { settlement, claims } = story as {
    settlement: { version: number };
    claims: { key: string; amount: string }[];
  };
  const accept = claims.filter(({ amount }) => amount === "2.5").map(({ key }) => key);
  const decision = {
    ...{ bidId: "w1", choice: "accept", accept, reject: [], by: "ann", reason: "agreed" },
    resolutionId: "54a7c7d3-ad5f-491f-a779-90a6085c5406",
  };
  const seen = { ...decision, version: settlement.version };
  expect(await act("finance/resolve", { ...seen, version: 1 })).toMatchObject({ status: 409 });
  expect(await act("finance/resolve", seen)).toMatchObject({
    status: 200,
    answer: { state: "awaitingPayment", version: 3 },
  });
  expect(await act("finance/resolve", seen)).toMatchObject({ status: 200, answer: { version: 3 } });
  const another = { ...seen, resolutionId: "54a7c7d3-ad5f-491f-a779-90a6085c5407" };
  expect(await act("finance/resolve", another)).toMatchObject({ status: 409 });
  const explained = await gavel("explain", "w1");
  expect(explained.stdout.match(/dispute\.accept by ann: agreed/g)?.length).toBe(1);
}, 60_000);

test("bad input to a command is one clear answer and no stack", async () => {
  const runs = await Promise.all([
    gavel("query", "SELECT FROM auction_windows"),
    gavel("query", "--spanner", "counts-mars", "SELECT 1"),
    gavel("counts", "--auction", "nobody"),
    gavel("why-open", "us", "yesterday"),
    gavel("dead-letters", "show", "nothing"),
  ]);
  expect(runs.map(({ code, stdout, stderr }) => [code, stdout, stderr])).toEqual([
    [2, "", expect.stringMatching(/^gavel query: .* at \[1:8\]\n {2}SELECT FROM .*\n {9}\^\n$/)],
    [2, "", expect.stringMatching(/^gavel query: --spanner "counts-mars": give counts-us, .*\n$/)],
    [1, "", 'auction "nobody": no bid of it was counted in a window of 60 s\n'],
    [2, "", expect.stringMatching(/^gavel why-open: window start "yesterday": give .*\n$/)],
    [2, "", expect.stringMatching(/^gavel dead-letters: there is no dead letter nothing: .*\n$/)],
  ]);
}, 60_000);

test("Ctrl-C reaches only who started the processes, and drains the system to exit code 0", async () => {
  const children = [...descendantsOf(pidOfRun).values()].filter(({ command }) =>
    /emulator\/main|workers\/(window|settlement|ingest|console)/.test(command),
  );
  expect(children.length).toBe(9);
  expect(children.map(({ group }) => group)).not.toContain(pidOfRun);
  process.kill(-pidOfRun, "SIGINT");
  const run = await system;
  expect(run.stderr).toBe("");
  expect(run.code).toBe(0);
  expect(descendantsOf(pidOfRun).size).toBe(0);
}, 60_000);
