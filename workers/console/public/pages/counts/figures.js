import { element, setText } from "../../dom.js";
import { formatCount, formatSpan } from "../../format.js";

const figures = [
  ["rate", "Events/s", "Events that the workers were given in the last second, of all outcomes"],
  ["counted", "Counted", "Events counted since the workers started"],
  ["open", "Open windows", "Auction windows of the last hour that may still change"],
  ["final", "Final", "Auction windows of the last hour that will not change"],
  ["duplicates", "Duplicates", "Events that had been counted before, and were not again"],
  ["late", "Late", "Events beyond the allowed lateness, kept in late_events"],
  ["deadLetters", "Dead letters", "Messages that can never be counted, kept in dead_letters"],
  ["fresh", "Publish to page", "99 of 100 events are on this page sooner than this"],
];

/** The totals, one figure each. */
export function drawFigures(feed) {
  const values = new Map();
  const list = element(
    "dl",
    { class: "figures" },
    figures.map(([key, label, title]) => {
      const value = element("dd", {}, ["–"]);
      values.set(key, value);
      return element("div", { title, "data-key": key }, [element("dt", {}, [label]), value]);
    }),
  );
  const show = (key, value) => setText(values.get(key), formatCount(value));
  const mark = (key, value) => {
    show(key, value);
    values.get(key).parentElement.classList.toggle("warn", value > 0);
  };
  feed.on("totals", ({ counted, duplicates }) => {
    show("counted", counted);
    show("duplicates", duplicates);
  });
  feed.on("windows", (windows) => {
    show(
      "open",
      windows.reduce((sum, { open }) => sum + open, 0),
    );
    show(
      "final",
      windows.reduce((sum, each) => sum + each.final, 0),
    );
  });
  feed.on("late", (late) => mark("late", late));
  feed.on("deadLetters", ({ total }) => mark("deadLetters", total));
  feed.on("freshness", ({ rowP99Ms, pageMaxMs }) => {
    if (rowP99Ms > 0 && pageMaxMs > 0)
      setText(values.get("fresh"), formatSpan(rowP99Ms + pageMaxMs));
  });
  feed.on("rates", ([, ...perSecond]) => {
    show(
      "rate",
      perSecond.reduce((sum, rate) => sum + rate, 0),
    );
  });
  return element("section", { "aria-label": "Totals" }, [list]);
}
