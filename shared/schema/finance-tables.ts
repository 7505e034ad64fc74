import { nullable, repeated, required, type TableSpec } from "./table-spec.ts";

const settlements: TableSpec = {
  name: "settlements",
  description: "What each bid's money comes to: a copy of the ledger's settlements, by version.",
  cdc: true,
  primaryKey: ["bid_id"],
  clusterBy: ["bid_id"],
  columns: [
    required("bid_id", "STRING", "The bid."),
    required("auction_id", "STRING", "Its auction."),
    required("seat", "STRING", "Who owes; empty while no notice names a seat."),
    required("region", "STRING", "Home region of the auction."),
    required("currency", "STRING", "ISO 4217 code; empty while no notice names an amount."),
    required(
      "state",
      "STRING",
      "awaitingWin, reserved, awaitingPayment, underpaid, settled, overpaid, disputed or void.",
    ),
    repeated("dispute_reasons", "STRING", "Why it is disputed."),
    required("won", "NUMERIC", "Price of the win, currency units."),
    required("billed", "NUMERIC", "Price of the billing notice, currency units."),
    required("owed", "NUMERIC", "What is owed, currency units."),
    required("paid", "NUMERIC", "Sum of its payments, currency units."),
    required("version", "INT64", "One more with every change; a later one replaces the row."),
    required("first_event_time", "TIMESTAMP", "Event time of its earliest notice."),
    nullable("settled_time", "TIMESTAMP", "Event time of the notice that settled it."),
  ],
};

const ledger: TableSpec = {
  name: "ledger",
  description: "The journal, one row for each account that an entry moves. Appended, never edited.",
  cdc: true,
  primaryKey: ["entry_id"],
  partitionBy: "commit_timestamp",
  clusterBy: ["seat", "currency"],
  columns: [
    required("entry_id", "STRING", "<bid_id>/<version>/<line>."),
    required("bid_id", "STRING", "The bid."),
    required("account", "STRING", "receivable, cash, revenue, overpayment or dispute."),
    required("seat", "STRING", "Whose account it is."),
    required("currency", "STRING", "ISO 4217 code."),
    required("amount", "NUMERIC", "Signed, currency units; debits are above zero."),
    required("cause", "STRING", "Identity of the event that caused the entry."),
    required("period", "STRING", "Month it is posted in, YYYY-MM."),
    required("commit_timestamp", "TIMESTAMP", "When Spanner committed it."),
  ],
};

/** What the settlement workers write. */
export const financeTables: readonly TableSpec[] = [settlements, ledger];
