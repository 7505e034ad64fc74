import { formatAmounts } from "../../decimals.js";
import { formatCount } from "../../format.js";
import { drawTable } from "../../table.js";

const ages = [
  ["days_0_7", "0–7 days"],
  ["days_8_30", "8–30"],
  ["days_31_60", "31–60"],
  ["days_61_90", "61–90"],
  ["days_91", "over 90"],
];
const number = (name) => ({ name, kind: "number" });
const columns = [
  ...["Seat", number("Bids"), number("Outstanding"), "Currency"],
  ...ages.map(([, name]) => number(name)),
];

/** What seats owe and have not paid, by age. */
export function drawAging(feed) {
  const { panel, note, show } = drawTable({
    title: "Aging",
    from: "BigQuery",
    columns,
    className: "aging",
    whenEmpty: "Nothing is outstanding.",
  });
  feed.on("aging", ({ rows, most }) => {
    note.replaceChildren(
      `owed and not paid, by days since the bid; the ${most} largest of each currency at most`,
    );
    const outstanding = formatAmounts(rows.map((row) => row.outstanding));
    const byAge = ages.map(([name]) => formatAmounts(rows.map((row) => row[name])));
    show(
      rows.map((row, index) => [
        row.seat === "" ? "unknown" : row.seat,
        formatCount(row.bids),
        ...[outstanding[index], row.currency],
        ...byAge.map((texts) => texts[index]),
      ]),
    );
  });
  return panel;
}
