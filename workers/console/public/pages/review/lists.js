import { formatAmounts } from "../../decimals.js";
import { element } from "../../dom.js";
import { formatCount, formatDateTime, formatSpan } from "../../format.js";

const NAMES_SHOWN = 5;
const SIMILAR_SHOWN = 6;
/** Evidence is looked at, not booked. */
const MONEY_PLACES = 4;

/** A small table of the evidence: `columns` as in drawTable, rows of texts or nodes. */
function drawList(title, columns, rows, whenEmpty) {
  const kinds = columns.map(({ kind }) => kind);
  const head = columns.map((column) =>
    element("th", { scope: "col", class: column.kind }, [column.name ?? column]),
  );
  const lines = rows.map((cells) =>
    element(
      "tr",
      {},
      cells.map((cell, index) => element("td", { class: kinds[index] }, [cell])),
    ),
  );
  const table = element("table", {}, [
    element("thead", {}, [element("tr", {}, head)]),
    element("tbody", {}, lines),
  ]);
  return element("section", {}, [
    element("h3", {}, [title]),
    rows.length === 0
      ? element("p", { class: "empty" }, [whenEmpty])
      : element("div", { class: "scroll", tabindex: "0", "aria-label": title }, [table]),
  ]);
}

const number = (name) => ({ name, kind: "number" });

/** Who placed the span's bids, against as long a time before. */
export function drawNames(title, names) {
  const rows = names
    .slice(0, NAMES_SHOWN)
    .map(({ name, bids, bidsBefore }) => [
      element("span", { class: "name", title: name }, [name === "" ? "unknown" : name]),
      formatCount(bids),
      formatCount(bidsBefore),
    ]);
  return drawList(
    title,
    ["", number("Bids"), number("Before")],
    rows,
    "No bid in the archive yet.",
  );
}

/** What the span's bids offered and won. */
export function drawMoney(money) {
  const rounded = (decimal) => Number(decimal).toFixed(MONEY_PLACES);
  const offered = formatAmounts(money.map(({ bidValue }) => rounded(bidValue)));
  const won = formatAmounts(money.map(({ wonValue }) => rounded(wonValue)));
  const rows = money.map(({ currency, bids, wins }, index) => [
    currency,
    element("span", { title: `${formatCount(bids)} bids` }, [offered[index]]),
    element("span", { title: `${formatCount(wins)} wins` }, [won[index]]),
  ]);
  const columns = ["", number("Offered"), number("Won")];
  return drawList("Money at stake", columns, rows, "No bid in the archive yet.");
}

/** Earlier flags like it, how long before `startMs` they began, and what became of them. */
export function drawSimilar(similar, startMs) {
  const rows = similar
    .slice(0, SIMILAR_SHOWN)
    .map((flag) => [
      element("a", { href: `/review?about=${encodeURIComponent(flag.flagId)}` }, [flag.segment]),
      element("span", { title: formatDateTime(flag.startMs) }, [
        formatSpan(startMs - flag.startMs),
      ]),
      [flag.reviewState, flag.decisionReason ?? ""].filter(Boolean).join(": "),
    ]);
  const columns = ["Segment", number("Before"), { name: "State", kind: "wide" }];
  return drawList("Similar flags", columns, rows, "No earlier flag is like it.");
}

/** Who did what to the flag, and when. */
export function drawHistory(history) {
  const rows = history
    .map(({ atMs, actor, action, reason }) => [formatDateTime(atMs), actor, action, reason])
    .reverse();
  const columns = ["Time, UTC", "Who", "Did", { name: "Why", kind: "wide" }];
  return drawList("History", columns, rows, "Nothing was done to it.");
}
