import { addDecimals, formatAmounts, isZero, subtractDecimals } from "../../decimals.js";
import { drawTable } from "../../table.js";

const columns = ["", "Account", ...["Debit", "Credit"].map((name) => ({ name, kind: "number" }))];

/** The trial balance: every account of each currency, and below each currency whether it adds up. */
export function drawBalances(feed) {
  const { panel, show } = drawTable({
    title: "Trial balance",
    from: "BigQuery",
    columns,
    className: "balances",
    whenEmpty: "No entry has been posted.",
  });
  feed.on("balances", (rows) => {
    const lines = [...Map.groupBy(rows, ({ currency }) => currency)].flatMap(linesOf);
    const debits = formatAmounts(lines.map(({ debit }) => debit));
    const credits = formatAmounts(lines.map(({ credit }) => credit));
    show(
      lines.map(({ currency, account, kind }, index) => ({
        kind,
        cells: [currency, account, debits[index], credits[index]],
      })),
    );
  });
  return panel;
}

function linesOf([currency, accounts]) {
  const debit = addDecimals(accounts.map((account) => account.debit));
  const credit = addDecimals(accounts.map((account) => account.credit));
  const isSound = isZero(subtractDecimals(debit, credit));
  const shown = accounts.map((row, index) => ({ ...row, currency: index > 0 ? "" : currency }));
  const total = { currency: "", debit, credit };
  return [
    ...shown,
    isSound
      ? { ...total, account: "balanced", kind: "total" }
      : { ...total, account: "NOT balanced: gavel audit", kind: "total off" },
  ];
}
