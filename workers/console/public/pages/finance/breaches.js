import { formatAmounts } from "../../decimals.js";
import { element } from "../../dom.js";
import { formatCount } from "../../format.js";
import { drawTable } from "../../table.js";

const number = (name) => ({ name, kind: "number" });
const columns = [
  ...["Day", "Seat", "Region"],
  ...[number("Bids"), number("Owed"), number("Paid"), number("Outstanding"), number("Disputed")],
  ...["Currency", number("Off by")],
];

/** Days of seats whose payments miss what they owe by more than the tolerance. */
export function drawBreaches(feed) {
  const { panel, note, show } = drawTable({
    title: "Discrepancies by day",
    from: "BigQuery",
    columns,
    className: "breaches",
    whenEmpty: "Every seat has paid what it owes, within the tolerance, on every day.",
  });
  feed.on("breaches", ({ rows, most }) => {
    note.replaceChildren(
      `days of seats beyond the tolerance, newest and furthest off first${rows.length === most ? `; the first ${most}` : ""}`,
    );
    const column = (name) => formatAmounts(rows.map((row) => row[name]));
    const amounts = ["owed", "paid", "outstanding", "disputed"].map(column);
    show(
      rows.map((row, index) => [
        ...[row.day, row.seat === "" ? "unknown" : row.seat, region(row.region)],
        formatCount(row.bids),
        ...amounts.map((texts) => texts[index]),
        ...[row.currency, formatPercent(row.discrepancy_pct)],
      ]),
    );
  });
  return panel;
}

function region(name) {
  return element("span", { class: "key", "data-token": name }, [name]);
}

/** A signed percentage with one decimal; null where nothing is owed. */
function formatPercent(percent) {
  if (percent === null) return "nothing owed";
  const value = Number(percent);
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)} %`;
}
