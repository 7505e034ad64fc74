import { bandChart } from "../../band-chart.js";
import { element } from "../../dom.js";
import { formatCount, formatDateTime, formatSpan, formatTime } from "../../format.js";
import { drawHistogram } from "./histogram.js";
import { drawHistory, drawMoney, drawNames, drawSimilar } from "./lists.js";
import { timesText } from "./review-text.js";

/** The evidence of one flag on one screen. */
export function drawFlag(feed, verdict) {
  const empty = element("p", { class: "empty" }, ["Choose a flag: j and k go through them."]);
  const head = element("div", { class: "head" });
  const place = element("div", { class: "chart band", role: "img", "aria-label": "Bids a slice" });
  const grid = element("div", { class: "grid" });
  const past = element("div", { class: "past" });
  const body = element("div", { hidden: "" }, [
    head,
    ...verdict.parts,
    element("p", { class: "legend" }, [
      element("span", { class: "key bids" }, ["bids a slice"]),
      element("span", { class: "key expected" }, ["expected, two deviations either way"]),
      element("span", { class: "key span" }, ["flagged"]),
    ]),
    place,
    grid,
    past,
  ]);
  let chart;
  let shown;
  let evidence;
  let done;
  const drawPast = () => {
    past.replaceChildren(
      ...(done !== undefined && done.flagId === shown?.flagId ? [drawHistory(done.history)] : []),
    );
  };
  const draw = () => {
    chart ??= bandChart(place);
    const { flag } = shown;
    const isReady = evidence?.flagId === shown.flagId;
    const none = { startsMs: [], high: [], low: [], expected: [], bids: [] };
    chart.set(isReady ? evidence.series : none, [flag.startMs, flag.endMs]);
    grid.replaceChildren(
      ...(isReady
        ? evidenceOf(evidence, flag.startMs)
        : [element("p", { class: "empty" }, ["Reading…"])]),
    );
  };
  feed.on("evidence", (next) => {
    evidence = next;
    if (shown?.flagId === next.flagId) draw();
  });
  feed.on("flag", ({ record, history }) => {
    if (record === null) return;
    done = { flagId: record.flagId, history };
    drawPast();
  });
  const show = (record) => {
    empty.hidden = record !== undefined;
    body.hidden = record === undefined;
    if (record === undefined) return;
    const isOther = record.flagId !== shown?.flagId;
    const isChanged = isOther || record.version !== shown.version;
    shown = record;
    if (isChanged) head.replaceChildren(...headOf(record));
    if (isOther) {
      drawPast();
      draw();
    }
  };
  const panel = element("section", { class: "panel evidence", "data-from": "BigQuery" }, [
    empty,
    body,
  ]);
  return { panel, show };
}

function headOf({ flag, isClosed }) {
  const span = `${formatDateTime(flag.startMs)} to ${formatTime(flag.endMs)} UTC, ${formatSpan(flag.endMs - flag.startMs)}${isClosed ? "" : ", goes on"}`;
  const facts = [
    ["Bids", formatCount(flag.bidCount)],
    ["Expected", formatCount(Math.round(flag.expectedBids))],
    ["Times", timesText(flag)],
    ["Severity", flag.severity],
    ["Surprise", `${flag.nats.toFixed(1)} nats`],
    [
      "Detected",
      `${formatTime(flag.detectedAtMs)}, ${formatSpan(flag.detectedAtMs - flag.startMs)} after its start`,
    ],
  ];
  return [
    element("h2", {}, [flag.segment]),
    element("p", { class: "span" }, [span]),
    element(
      "dl",
      { class: "facts" },
      facts.map(([name, value]) =>
        element("div", {}, [element("dt", {}, [name]), element("dd", {}, [value])]),
      ),
    ),
    element(
      "ul",
      { class: "reasons" },
      flag.reasons.map((reason) =>
        element("li", { title: `${reason.nats} nats` }, [
          element("b", {}, [`${reason.class} ${reason.code}`]),
          ` ${reason.says}`,
        ]),
      ),
    ),
  ];
}

function evidenceOf({ users, seats, publishers, prices, money, similar }, startMs) {
  return [
    drawNames("Top users", users),
    drawNames("Top seats", seats),
    drawNames("Top publishers", publishers),
    drawHistogram(prices),
    drawMoney(money),
    drawSimilar(similar, startMs),
  ];
}
