import { formatAmounts } from "../../decimals.js";
import { drawTable, idButton } from "../../table.js";
import { stateMark } from "./state-mark.js";

const number = (name) => ({ name, kind: "number" });
const columns = [
  ...["Bid", "State", "Day", "Seat", "Currency"],
  ...["Owed", "Paid", "Off by"].map(number),
];

/** Bids that were paid other than they owe; an id opens its evidence above. */
export function drawDiscrepancies(feed) {
  const { panel, note, show } = drawTable({
    title: "Discrepancies by bid",
    from: "BigQuery",
    columns,
    className: "discrepancies",
    whenEmpty: "No bid was paid other than it owes.",
  });
  feed.on("discrepancies", ({ rows, most }) => {
    note.replaceChildren(
      `paid less or more than owed; the ${most} largest of each currency at most: gavel report discrepancies shows all`,
    );
    const column = (name) => formatAmounts(rows.map((row) => row[name]));
    const amounts = ["owed", "paid", "difference"].map(column);
    show(
      rows.map((row, index) => [
        idButton(row.bid_id, () => feed.seek(row.bid_id)),
        stateMark(row.state),
        ...[row.day, row.seat === "" ? "unknown" : row.seat, row.currency],
        ...amounts.map((texts) => texts[index]),
      ]),
    );
  });
  return panel;
}
