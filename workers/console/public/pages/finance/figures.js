import { addDecimals, isZero, subtractDecimals } from "../../decimals.js";
import { element, setText } from "../../dom.js";
import { formatCount } from "../../format.js";

const figures = [
  ["bids", "Bids with money", "Bids that a win, a payment or another notice about money came for"],
  ["settled", "Settled", "Bids that are paid what they owe, within the tolerance"],
  ["unpaid", "Unpaid", "Bids that owe more than was paid"],
  ["disputes", "Open disputes", "Bids whose notices contradict each other: a person decides"],
  ["breaches", "Discrepancies", "Days of seats whose payments miss the tolerance"],
  ["balance", "Trial balance", "Debits less credits of every currency: nothing but zero is sound"],
];

/** The state of the books in a line. */
export function drawFigures(feed) {
  const values = new Map();
  const list = element(
    "dl",
    { class: "figures six" },
    figures.map(([key, label, title]) => {
      const value = element("dd", {}, ["–"]);
      values.set(key, value);
      return element("div", { title, "data-key": key }, [element("dt", {}, [label]), value]);
    }),
  );
  const mark = (key, text, level) => {
    setText(values.get(key), text);
    values.get(key).parentElement.className = level;
  };
  const atLeast = (rows, most) => `${formatCount(rows.length)}${rows.length === most ? "+" : ""}`;
  feed.on("states", (rows) => {
    const bidsIn = (states) =>
      rows.reduce((sum, { state, bids }) => sum + (states.includes(state) ? bids : 0), 0);
    const all = rows.reduce((sum, { bids }) => sum + bids, 0);
    mark("bids", formatCount(all), "");
    mark("settled", formatCount(bidsIn(["settled"])), "");
    mark("unpaid", formatCount(bidsIn(["awaitingPayment", "underpaid"])), "");
  });
  feed.on("disputes", ({ rows, most }) => {
    mark("disputes", atLeast(rows, most), rows.length > 0 ? "warn" : "");
  });
  feed.on("breaches", ({ rows, most }) => {
    mark("breaches", atLeast(rows, most), rows.length > 0 ? "warn" : "");
  });
  feed.on("balances", (rows) => {
    const off = [...Map.groupBy(rows, ({ currency }) => currency)].filter(([, accounts]) => {
      const debit = addDecimals(accounts.map((account) => account.debit));
      return !isZero(subtractDecimals(debit, addDecimals(accounts.map(({ credit }) => credit))));
    });
    if (off.length === 0) mark("balance", rows.length === 0 ? "–" : "zero", "");
    else mark("balance", `off: ${off.map(([currency]) => currency).join(", ")}`, "bad");
  });
  return element("section", { "aria-label": "State of the books" }, [list]);
}
