import { randomUUID } from "node:crypto";
import { isCurrency } from "../../../shared/core/auction/currency.ts";
import { UsageError } from "../../../shared/core/errors.ts";
import { systemClock } from "../../../shared/io/clock.ts";
import { type ClosedPeriod, closePeriod } from "../../../shared/io/close-period.ts";
import { readCommandLine } from "../command-line.ts";
import type { Streams } from "../streams.ts";
import { withFinance } from "./open-finance.ts";
import { readReviewer } from "./read-reviewer.ts";

const USAGE = "usage: gavel period close CURRENCY YYYY-MM --by NAME --reason TEXT";
const ARGUMENTS = {
  allowPositionals: true,
  options: { by: { type: "string" }, reason: { type: "string" } },
} as const;

/** `gavel period close`: ends a month of a currency; 0 when this call did so, 1 when it may not be. */
export async function runPeriod(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = readCommandLine({ ...ARGUMENTS, args: [...args] }, USAGE);
  const [verb, currency = "", month = "", ...rest] = positionals;
  if (verb !== "close" || rest.length > 0) throw new UsageError(USAGE);
  if (!isCurrency(currency)) {
    throw new UsageError(`"${currency}": give an active ISO 4217 code, such as USD.\n${USAGE}`);
  }
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    throw new UsageError(`"${month}": give a month as YYYY-MM.\n${USAGE}`);
  }
  const request = { currency, month, recordId: randomUUID(), ...readReviewer(values, USAGE) };
  const closed = await withFinance(
    async ({ database }) =>
      await closePeriod({ database, clock: systemClock, random: Math.random }, request),
    ["spanner"],
  );
  const isDone = closed.kind === "closed";
  (isDone ? streams.stdout : streams.stderr).write(`${said(`${currency} ${month}`, closed)}\n`);
  return isDone ? 0 : 1;
}

function said(name: string, closed: ClosedPeriod): string {
  switch (closed.kind) {
    case "closed":
      return `${name} is closed${closed.from === undefined ? ", with all months before it" : ""}; its trial balance as CSV has sha256 ${closed.sha256}`;
    case "alreadyClosed":
      return `${name} is closed already: ${closed.with} was closed by ${closed.by} at ${closed.at}`;
    case "unfinished":
      return `the close of ${closed.month} was cut off: close that month again first`;
    case "notNext":
      return `${name} is not the next month to close: that is ${closed.next}`;
    case "notOver":
      return `${name} is not over: the current month is ${closed.month} (UTC)`;
    case "nothingPosted":
      return `${name}: nothing was ever posted in that currency up to that month`;
  }
}
