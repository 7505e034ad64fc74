import { lineChart } from "../../charts.js";
import { element, setText } from "../../dom.js";
import { formatCount, formatTime } from "../../format.js";
import { regions } from "./regions-of.js";

const POINTS_MAX = 300;

/** Events a second of the last five minutes, a line a region. */
export function drawRates(feed) {
  const place = element("div", { class: "chart", role: "img", "aria-label": "Events per second" });
  const values = regions.map(() => element("span", { class: "value" }));
  const at = element("span", { class: "at" });
  const keys = regions.map(({ name, token }, index) =>
    element("span", { class: "key", "data-token": token.slice(2) }, [`${name} `, values[index]]),
  );
  const legend = element("p", { class: "legend" }, [...keys, at]);
  const section = element("section", { class: "panel" }, [
    element("header", {}, [element("h2", {}, ["Events per second"]), legend]),
    place,
  ]);
  /** The values at a point, or the newest. */
  const read = (index) => {
    const shown = index ?? columns[0].length - 1;
    for (const [line, value] of values.entries()) {
      const rate = columns[line + 1][shown];
      setText(value, rate === undefined ? "–" : formatCount(rate));
    }
    setText(at, index === null ? "" : formatTime((columns[0][index] ?? 0) * 1000));
  };
  let pointed = null;
  let chart;
  let columns = [[], ...regions.map(() => [])];
  const draw = () => {
    chart ??= lineChart(place, regions, {
      spanS: POINTS_MAX,
      point: (index) => {
        pointed = index ?? null;
        read(pointed);
      },
    });
    chart.set(columns);
    read(pointed);
  };
  feed.on("history", ({ points }) => {
    columns = columns.map((_, index) => points.map((point) => point[index]));
    for (let index = 0; index < columns[0].length; index++) columns[0][index] /= 1000;
    draw();
  });
  feed.on("rates", (point) => {
    for (const [index, column] of columns.entries()) {
      column.push(index === 0 ? point[0] / 1000 : point[index]);
      if (column.length > POINTS_MAX) column.shift();
    }
    draw();
  });
  return section;
}
