import type { Database } from "@google-cloud/spanner";

const ACCOUNTS = ["receivable", "cash", "revenue", "overpayment", "dispute"] as const;

export interface HistoryCheck {
  /** Commit timestamps at which the balances were read. */
  readonly timestamps: number;
  readonly faults: readonly string[];
}

/**
 * Reads the account balances in read-only transactions at commit timestamps of the ledger, at most
 * `checksMax` of them evenly spread, and compares each with the entries committed by then, added up anew:
 * every currency's trial balance is zero, and every seat's accounts are the sum of its entries.
 */
export async function checkBalanceHistory(
  database: Database,
  checksMax: number,
): Promise<HistoryCheck> {
  const columns = ["seat", "currency", ...ACCOUNTS];
  const [rows] = await database.table("LedgerEntries").read({
    keySet: { all: true },
    columns: [...columns, "committed_at"],
    json: true,
  });
  const entries: object[] = rows.map((row: object) => row);
  entries.sort((a, b) => committedAt(a) - committedAt(b));
  const timestamps = [...new Set(entries.map(committedAt))];
  const step = Math.max(1, Math.ceil(timestamps.length / checksMax));
  const sums = new Map<string, bigint>();
  const faults: string[] = [];
  let next = 0;
  let checked = 0;
  for (const [index, timestamp] of timestamps.entries()) {
    for (const entry of entries.slice(next)) {
      if (committedAt(entry) > timestamp) break;
      addRow(sums, entry);
      next++;
    }
    if (index % step !== 0 && index !== timestamps.length - 1) continue;
    const readTimestamp = Reflect.get(entries[next - 1] ?? {}, "committed_at");
    const [snapshot] = await database.getSnapshot({ readTimestamp });
    const [balances] = await snapshot.read("AccountBalances", {
      keySet: { all: true },
      columns,
      json: true,
    });
    snapshot.end();
    const read = new Map<string, bigint>();
    for (const balance of balances) addRow(read, balance);
    faults.push(...faultsOf(sums, read).map((fault) => `${readTimestamp.toISOString()} ${fault}`));
    checked++;
  }
  return { timestamps: checked, faults };
}

function committedAt(row: object): number {
  const iso: string = Reflect.get(row, "committed_at").toISOString();
  return Date.parse(iso) * 1000 + Number(iso.slice(23, 26).padEnd(3, "0").replace("Z", "0"));
}

function addRow(sums: Map<string, bigint>, row: object): void {
  for (const account of ACCOUNTS) {
    const key = `${Reflect.get(row, "currency")} ${Reflect.get(row, "seat")} ${account}`;
    sums.set(key, (sums.get(key) ?? 0n) + nanos(Reflect.get(row, account).value));
  }
}

function faultsOf(expected: ReadonlyMap<string, bigint>, read: ReadonlyMap<string, bigint>) {
  const differing = [...new Set([...expected.keys(), ...read.keys()])].filter(
    (key) => (expected.get(key) ?? 0n) !== (read.get(key) ?? 0n),
  );
  const currencies = Map.groupBy(read, ([key]) => key.split(" ")[0]);
  const unbalanced = [...currencies].filter(
    ([, lines]) => lines.reduce((sum, [, amount]) => sum + amount, 0n) !== 0n,
  );
  return [
    ...differing.map((key) => `${key}: entries ${expected.get(key)}, balances ${read.get(key)}`),
    ...unbalanced.map(([currency]) => `${currency}: the trial balance is not zero`),
  ];
}

function nanos(text: string): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const magnitude = BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
  return text.startsWith("-") ? -magnitude : magnitude;
}
