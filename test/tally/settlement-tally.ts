/**
 * Settles an event file naively and with nothing of the product's code: what `settlements.ndjson` and
 * `ledger.ndjson` of a run of the same file have to say, for sources that owe at the win and no tolerance.
 * Usage: settlement-tally.ts FILE [EXPORT_FOLDER]. With an export it compares bid by bid and account by account
 * and ends with 1 on any difference; without, it prints what it expects.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** Settlements as `state seat currency won billed paid`, balances as signed decimals. */
export interface SettlementTally {
  readonly settlements: Map<string, string>;
  /** By `bid seat currency account`. */
  readonly bidBalances: Map<string, bigint>;
  /** By `seat currency account`. */
  readonly balances: Map<string, bigint>;
}

interface Line {
  readonly type: string;
  readonly bid: string;
  readonly payment: string;
  readonly seat: string;
  readonly currency: string;
  readonly nanos: bigint;
}

const MONEY = ["win", "billing", "payment"];

/** What the events of a file in the log form, one a line, come to; lines of other kinds are passed over. */
export function settlementTallyOf(text: string): SettlementTally {
  const lines = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(lineOf)
    .filter(({ type }) => [...MONEY, "loss", "void"].includes(type));
  const tally: SettlementTally = {
    settlements: new Map(),
    bidBalances: new Map(),
    balances: new Map(),
  };
  const bidsOfPayment = new Map<string, Set<string>>();
  for (const { type, payment, bid } of lines) {
    if (type !== "payment") continue;
    bidsOfPayment.set(payment, (bidsOfPayment.get(payment) ?? new Set()).add(bid));
  }
  const shared = new Set(
    [...bidsOfPayment].filter(([, bids]) => bids.size > 1).map(([payment]) => payment),
  );
  const byBid = new Map<string, Line[]>();
  for (const line of lines) {
    const known = byBid.get(line.bid);
    if (known === undefined) byBid.set(line.bid, [line]);
    else known.push(line);
  }
  for (const [bid, own] of byBid) tallyBid(tally, bid, { own, shared });
  return tally;
}

function lineOf(text: string): Line {
  const event = JSON.parse(text);
  return {
    type: event.type ?? "bid",
    bid: event.bid_id,
    payment: event.payment_id ?? "",
    seat: event.seat ?? "",
    currency: event.currency ?? "USD",
    nanos: event.bid_price === undefined ? 0n : decimal(String(event.bid_price)),
  };
}

function tallyBid(
  tally: SettlementTally,
  bid: string,
  { own, shared }: { own: readonly Line[]; shared: ReadonlySet<string> },
): void {
  const money = own.filter(({ type }) => MONEY.includes(type));
  const seats = new Set(money.map(({ seat }) => seat).filter((seat) => seat !== ""));
  const currencies = new Set(money.map(({ currency }) => currency));
  const amounts = new Map<string, Set<bigint>>();
  for (const { type, payment, nanos } of money) {
    const name = `${type} ${payment}`;
    amounts.set(name, (amounts.get(name) ?? new Set()).add(nanos));
  }
  const isDisputed =
    seats.size > 1 ||
    currencies.size > 1 ||
    [...amounts.values()].some((each) => each.size > 1) ||
    money.some(({ payment }) => shared.has(payment));
  if (isDisputed) {
    tally.settlements.set(bid, "disputed");
    return;
  }
  const [won] = amounts.get("win ") ?? [];
  const [billed] = amounts.get("billing ") ?? [];
  const payments = [...amounts].filter(([name]) => name.startsWith("payment "));
  const paid = payments.reduce((sum, [, each]) => sum + [...each].reduce((a, b) => a + b), 0n);
  const isVoid = own.some(({ type }) => type === "loss" || type === "void");
  const state = isVoid ? "void" : stateOf(won, paid, payments.length);
  const [seat = ""] = seats;
  const [currency = ""] = currencies;
  const figures = [won ?? 0n, billed ?? 0n, paid].join(" ");
  tally.settlements.set(bid, `${state} ${seat} ${currency} ${figures}`);
  const owed = isVoid ? 0n : (won ?? 0n);
  const open = owed - paid;
  const lines: [string, bigint][] = [
    ["receivable", open > 0n ? open : 0n],
    ["cash", paid],
    ["revenue", -owed],
    ["overpayment", open < 0n ? open : 0n],
  ];
  for (const [account, nanos] of lines)
    add(tally, `${seat} ${currency} ${account}`, { bid, nanos });
}

function stateOf(won: bigint | undefined, paid: bigint, payments: number): string {
  if (won === undefined) return "awaitingWin";
  if (payments === 0 && won > 0n) return "awaitingPayment";
  if (paid === won) return "settled";
  return paid < won ? "underpaid" : "overpaid";
}

/** The export of a run in the tally's form. The figures of a disputed bid are what is at stake: left out. */
export function settlementExportsOf(settlements: string, ledger: string): SettlementTally {
  const tally: SettlementTally = {
    settlements: new Map(),
    bidBalances: new Map(),
    balances: new Map(),
  };
  for (const line of settlements.split("\n")) {
    if (line === "") continue;
    const row = JSON.parse(line);
    const figures = [row.won, row.billed, row.paid].map(decimal).join(" ");
    const said =
      row.state === "disputed" ? "" : ` ${row.seat ?? ""} ${row.currency ?? ""} ${figures}`;
    tally.settlements.set(row.bid_id, `${row.state}${said}`);
  }
  const ids = new Set<string>();
  for (const line of ledger.split("\n")) {
    if (line === "") continue;
    const row = JSON.parse(line);
    if (ids.has(row.entry_id)) throw new Error(`entry ${row.entry_id} stands there twice`);
    ids.add(row.entry_id);
    const place = { bid: row.bid_id, nanos: decimal(row.amount) };
    add(tally, `${row.seat} ${row.currency} ${row.account}`, place);
  }
  return tally;
}

function add(
  { balances, bidBalances }: SettlementTally,
  account: string,
  { bid, nanos }: { bid: string; nanos: bigint },
): void {
  for (const [sums, key] of [
    [balances, account],
    [bidBalances, `${bid} ${account}`],
  ] as const) {
    const sum = (sums.get(key) ?? 0n) + nanos;
    if (sum === 0n) sums.delete(key);
    else sums.set(key, sum);
  }
}

/** Everything in which two tallies differ, and each currency whose balances do not add up to zero. */
export function settlementDifferences(
  expected: SettlementTally,
  actual: SettlementTally,
): string[] {
  return [
    ...differing(expected.settlements, actual.settlements),
    ...differing(expected.bidBalances, actual.bidBalances),
    ...differing(expected.balances, actual.balances),
    ...[...sumsByCurrency(actual.balances)]
      .filter(([, sum]) => sum !== 0n)
      .map(([currency, sum]) => `${currency}: trial balance is ${sum}`),
  ];
}

function differing<Value>(
  expected: ReadonlyMap<string, Value>,
  actual: ReadonlyMap<string, Value>,
): string[] {
  return [...new Set([...expected.keys(), ...actual.keys()])]
    .filter((key) => expected.get(key) !== actual.get(key))
    .map((key) => `${key}: expected ${expected.get(key)}, got ${actual.get(key)}`);
}

function sumsByCurrency(balances: ReadonlyMap<string, bigint>): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const [key, nanos] of balances) {
    const currency = key.split(" ").at(-2) ?? "";
    sums.set(currency, (sums.get(currency) ?? 0n) + nanos);
  }
  return sums;
}

function decimal(text: string): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const nanos = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  return text.startsWith("-") ? -nanos : nanos;
}

const [file, folder] = process.argv.slice(2);
if (import.meta.main && file !== undefined) {
  const bytes = readFileSync(file);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
  const expected = settlementTallyOf(text);
  if (folder === undefined) {
    for (const [bid, said] of expected.settlements) process.stdout.write(`${bid} ${said}\n`);
    for (const [account, nanos] of expected.balances) process.stdout.write(`${account} ${nanos}\n`);
  } else {
    const [settlements, ledger] = ["settlements", "ledger"].map((name) =>
      readFileSync(join(folder, `${name}.ndjson`), "utf8"),
    );
    const found = settlementDifferences(
      expected,
      settlementExportsOf(settlements ?? "", ledger ?? ""),
    );
    for (const each of found.slice(0, 20)) process.stdout.write(`${each}\n`);
    process.stdout.write(`${expected.settlements.size} bids expected, ${found.length} differ\n`);
    process.exitCode = found.length === 0 ? 0 : 1;
  }
}
