import { addDecimals, formatAmounts } from "../../decimals.js";
import { formatCount, formatTime } from "../../format.js";
import { drawTable } from "../../table.js";
import { stateMark, stateOrder } from "./state-mark.js";

const columns = [
  "",
  "State",
  ...["Bids", "Owed", "Paid"].map((name) => ({ name, kind: "number" })),
];

/** How many bids stand where, by currency; a total below each. Of a disputed bid no amount is certain. */
export function drawStates(feed) {
  const { panel, note, show } = drawTable({
    title: "States by currency",
    from: "BigQuery",
    columns,
    className: "states",
    whenEmpty: "No notice about money has been settled.",
  });
  feed.on("asOf", (ms) => note.replaceChildren(`BigQuery, ${formatTime(ms)} UTC`));
  feed.on("states", (rows) => {
    const lines = [...Map.groupBy(rows, ({ currency }) => currency)].flatMap(linesOf);
    const owed = formatAmounts(lines.map((line) => line.owed));
    const paid = formatAmounts(lines.map((line) => line.paid));
    show(
      lines.map(({ currency, state, bids, kind }, index) => ({
        kind,
        cells: [
          currency,
          state === undefined ? "total" : stateMark(state),
          formatCount(bids),
          owed[index],
          paid[index],
        ],
      })),
    );
  });
  return panel;
}

function linesOf([currency, rows]) {
  const known = rows.toSorted((a, b) => stateOrder(a.state) - stateOrder(b.state));
  const total = {
    currency: "",
    bids: rows.reduce((sum, { bids }) => sum + bids, 0),
    owed: addDecimals(rows.map(({ owed }) => owed)),
    paid: addDecimals(rows.map(({ paid }) => paid)),
    kind: "total",
  };
  const named = currency === "" ? "none" : currency;
  const shown = known.map((row, index) => ({ ...row, currency: index > 0 ? "" : named }));
  return [...shown, total];
}
