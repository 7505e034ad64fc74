import uPlot from "/vendor/uPlot.esm.js";
import { formatTime } from "./format.js";

/** A colour of the style sheet, e.g. `--us`. */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export const redraws = new Set();
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => {
  for (const redraw of redraws) redraw();
});

/** Follows the width of the chart's place; the height is the place's own. */
export function followSize(chart, place) {
  new ResizeObserver(([{ contentRect }]) => {
    const { width, height } = contentRect;
    if (width > 0 && (width !== chart.width || height !== chart.height)) {
      chart.setSize({ width, height });
    }
  }).observe(place);
}

/**
 * Lines over the last `spanS` seconds. `series` names each line and its colour; `point` is told the index
 * under the pointer, or null; gives a function that sets the data.
 */
export function lineChart(place, series, { spanS, point }) {
  const axis = {
    stroke: () => colour("--muted"),
    grid: { stroke: () => colour("--line"), width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  const chart = new uPlot(
    {
      width: place.clientWidth || 300,
      height: place.clientHeight || 160,
      legend: { show: false },
      cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false } },
      hooks: { setCursor: [({ cursor }) => point(cursor.idx)] },
      scales: {
        x: { range: (_self, _min, max) => [(max ?? 0) - spanS, max ?? 0] },
        y: { range: (_self, _min, max) => [0, Math.max(10, (max ?? 0) * 1.1)] },
      },
      axes: [
        {
          ...axis,
          space: 80,
          size: 26,
          values: (_self, splits) => splits.map((s) => formatTime(s * 1000)),
        },
        { ...axis, space: 32, size: 46 },
      ],
      series: [
        {},
        ...series.map(({ name, token }) => ({
          label: name,
          stroke: () => colour(token),
          width: 1.5,
          points: { show: false },
        })),
      ],
    },
    [[], ...series.map(() => [])],
    place,
  );
  followSize(chart, place);
  redraws.add(() => chart.redraw());
  return { set: (data) => chart.setData(data) };
}

/** Bars without axes: the counts of so many windows, oldest first. */
export function sparkline(place, token) {
  const chart = new uPlot(
    {
      width: place.clientWidth || 120,
      height: place.clientHeight || 22,
      legend: { show: false },
      cursor: { show: false },
      padding: [2, 0, 0, 0],
      scales: {
        x: { time: false, range: (_self, _min, max) => [-0.5, (max ?? 0) + 0.5] },
        y: { range: (_self, _min, max) => [0, Math.max(1, max ?? 0)] },
      },
      axes: [{ show: false }, { show: false }],
      series: [
        {},
        {
          fill: () => colour(token),
          width: 0,
          points: { show: false },
          paths: uPlot.paths.bars({ size: [0.8, 40, 1] }),
        },
      ],
    },
    [[], []],
    place,
  );
  followSize(chart, place);
  const redraw = () => chart.redraw();
  redraws.add(redraw);
  return {
    set: (counts) => chart.setData([counts.map((_, index) => index), counts]),
    destroy: () => {
      redraws.delete(redraw);
      chart.destroy();
    },
  };
}
